-- Read by `vim.lsp.enable('dstack_lsp')`; change it with `vim.lsp.config('dstack_lsp', { … })`.
---@type vim.lsp.Config
return {
  cmd = { 'dstack-lsp' },
  filetypes = { 'yaml.dstack' },
  root_markers = { '.dstack', '.git' },
  get_language_id = function()
    return 'dstack'
  end,
}
