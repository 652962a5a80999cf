if vim.g.dstack_lsp_enable ~= false then
  vim.lsp.enable('dstack_lsp')
end
