---@brief
---
--- Language server for the configuration files of [dstack](https://dstack.ai): `.dstack.yml`, `*.dstack.yml` and, in a
--- folder `.dstack`, profiles, templates and the configurations of client and server.
---
--- Install `dstack-lsp` (`cargo install --locked --path server/dstack-lsp`), make Neovim recognize dstack files (`ftdetect/dstack.lua`)
--- and enable the server:
---
--- ```lua
--- vim.lsp.enable('dstack_lsp')
--- ```
---
--- A YAML file with another name, such as `train.yml`, is also sent to the server if it has one of the keys that are typical of
--- dstack files. If the server recognizes it as a dstack file, the file type becomes `yaml.dstack`, so that servers for plain
--- YAML detach from it. To use names only:
---
--- ```lua
--- vim.lsp.config('dstack_lsp', { filetypes = { 'yaml.dstack' } })
--- ```
---
--- The release of dstack that a file is checked against is in `b:dstack_release`, for a status line; where it was found in
--- `b:dstack_release_source`.

--- Whether a plain YAML file may be a dstack file, which the server decides. Nothing is started for other files.
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
  -- Not `root_markers`, because most plain YAML files are not dstack files. A folder `.dstack` does not indicate a project: every
  -- user of dstack has one in the home folder.
  root_dir = function(buf, on_dir)
    -- A buffer without a name cannot be sent to the server, and gets no findings.
    if vim.api.nvim_buf_get_name(buf) ~= '' and (vim.bo[buf].filetype ~= 'yaml' or may_be_ours(buf)) then
      on_dir(vim.fs.root(buf, '.git'))
    end
  end,
  -- The server treats files with `dstack` as dstack files; with `yaml` it checks the content.
  get_language_id = function(_, filetype)
    return filetype == 'yaml' and 'yaml' or 'dstack'
  end,
  -- By default, Neovim delays edits for 150 ms after it has sent one. Not 0, because a command that changes a thousand lines would
  -- be sent a thousand times.
  flags = { debounce_text_changes = 1 },
  capabilities = { experimental = { dstackRelease = true } },
  handlers = {
    -- For each dstack file, and no other file: the release that it is checked against.
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
