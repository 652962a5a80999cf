-- `:checkhealth dstack_lsp`

local M = {}

function M.check()
  local health = vim.health
  health.start('dstack-lsp')
  if vim.fn.has('nvim-0.11') == 0 then
    health.error('Neovim is older than 0.11')
    return
  end

  local cmd = (vim.lsp.config.dstack_lsp or {}).cmd
  local program = type(cmd) == 'table' and cmd[1] or 'dstack-lsp'
  local path = vim.fn.exepath(program)
  local version, problem = require('dstack_lsp').run('--version')
  if path == '' then
    health.error(('`%s` is not on the PATH'):format(program), {
      "Install it (see the README), or say where it is: vim.lsp.config('dstack_lsp', { cmd = { '/path/to/dstack-lsp' } })",
    })
  elseif not version then
    health.error(('`%s` does not run: %s'):format(path, problem))
  else
    health.ok(('%s: `%s`'):format(vim.trim(version), path))
  end
  if vim.lsp.is_enabled and not vim.lsp.is_enabled('dstack_lsp') then
    health.warn('The server does not start by itself', { "vim.lsp.enable('dstack_lsp')" })
  end

  health.start('Files that are open')
  local any = false
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].filetype == 'yaml.dstack' then
      any = true
      local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':~:.')
      local clients = vim.tbl_map(function(it)
        return it.name
      end, vim.lsp.get_clients({ bufnr = buf }))
      if not vim.list_contains(clients, 'dstack_lsp') then
        health.warn((name ~= '' and name or 'A file without a name') .. ': the server is not attached to it')
      else
        local source = vim.b[buf].dstack_release_source or ''
        health.info(('%s: %s%s'):format(name, vim.b[buf].dstack_release or 'no release yet', source ~= '' and ', ' .. source or ''))
      end
      -- Two servers that both read YAML report everything twice.
      local others = vim.tbl_filter(function(it)
        return it:find('yaml') ~= nil
      end, clients)
      if #others > 0 then
        health.warn(('%s: `%s` is attached to it, too'):format(name, table.concat(others, '`, `')), {
          'Leave `yaml.dstack` out of the `filetypes` of that server',
        })
      end
    end
  end
  if not any then
    health.info('None of them is a dstack file')
  end
end

return M
