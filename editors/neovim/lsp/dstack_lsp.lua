---@brief
---
--- Language server for the configuration files of [dstack](https://dstack.ai): `.dstack.yml`, `*.dstack.yml` and, in a
--- folder `.dstack`, profiles, templates and the configurations of client and server.
---
--- Install `dstack-lsp` (`cargo install --locked --path server/dstack-lsp`), tell Neovim which files are dstack's (`ftdetect/dstack.lua`)
--- and enable the server:
---
--- ```lua
--- vim.lsp.enable('dstack_lsp')
--- ```
---
--- A YAML file with another name, such as `train.yml`, that has one of the keys by which dstack's files are known is shown to
--- the server, too. If that takes it for one of dstack's, the file type becomes `yaml.dstack`, so that servers for plain
--- YAML leave it. To go by names only:
---
--- ```lua
--- vim.lsp.config('dstack_lsp', { filetypes = { 'yaml.dstack' } })
--- ```
---
--- The release of dstack that a file is checked against is in `b:dstack_release`, for a status line; where it was found in
--- `b:dstack_release_source`.

--- Whether a file of plain YAML is worth the server's look, which decides. Nothing is started for others.
local function may_be_ours(buf)
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buf, 0, 200, false)) do
    local key = line:match('^["\']?(%l+)["\']?%s*:')
    if key == 'type' or key == 'profiles' or key == 'projects' then
      return true
    end
  end
  return false
end

---@type vim.lsp.Config
return {
  cmd = { 'dstack-lsp' },
  filetypes = { 'yaml.dstack', 'yaml' },
  -- Not `root_markers`: of plain YAML most is none of ours. A folder `.dstack` is no sign of a project: there is one in the
  -- home folder of everyone who uses dstack.
  root_dir = function(buf, on_dir)
    -- What has no name cannot be told to the server, and gets no findings.
    if vim.api.nvim_buf_get_name(buf) ~= '' and (vim.bo[buf].filetype ~= 'yaml' or may_be_ours(buf)) then
      on_dir(vim.fs.root(buf, '.git'))
    end
  end,
  -- Of `dstack` the server believes that it is dstack's; of `yaml` it looks at the content.
  get_language_id = function(_, filetype)
    return filetype == 'yaml' and 'yaml' or 'dstack'
  end,
  -- Neovim holds back what is typed for 150 ms after it has sent something. Not 0: a command that changes a thousand lines
  -- would be sent a thousand times.
  flags = { debounce_text_changes = 1 },
  capabilities = { experimental = { dstackRelease = true } },
  handlers = {
    -- Of every file that is dstack's, and of no other: the release that it is checked against.
    ['dstack/release'] = function(_, params)
      local path = vim.uri_to_fname(params.uri)
      if vim.fn.bufexists(path) == 0 then
        return
      end
      local buf = vim.fn.bufadd(path)
      vim.b[buf].dstack_release = 'dstack ' .. params.release
      vim.b[buf].dstack_release_source = vim.trim(('%s %s'):format(params.source or '', params.note or ''))
      if vim.bo[buf].filetype == 'yaml' then
        vim.bo[buf].filetype = 'yaml.dstack'
        for _, client in ipairs(vim.lsp.get_clients({ bufnr = buf })) do
          if client.config.filetypes and not vim.list_contains(client.config.filetypes, 'yaml.dstack') then
            vim.lsp.buf_detach_client(buf, client.id)
          end
        end
      end
      vim.cmd.redrawstatus({ bang = true })
    end,
  },
}
