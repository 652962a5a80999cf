-- Starts the server for dstack files, and defines its commands.

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify_once('dstack-lsp: Neovim is older than 0.11', vim.log.levels.WARN)
  return
end

if vim.g.dstack_lsp_enable ~= false then
  vim.lsp.enable('dstack_lsp')
end

local group = vim.api.nvim_create_augroup('dstack_lsp', {})

local function is_ours(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  return client and client.name == 'dstack_lsp' and client or nil
end

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(event)
    local client = is_ours(event)
    if not client then
      return
    end
    -- Without this, `<C-x><C-o>` inserts only the name of an item that is more than a word. This does not show completions while
    -- typing. A user who wants that enables it earlier: the first call decides.
    vim.schedule(function()
      if vim.lsp.buf_is_attached(event.buf, client.id) then
        vim.lsp.completion.enable(true, client.id, event.buf)
      end
    end)
    -- Neovim requests the findings of visible files, and not again when another file becomes visible: after a restart there would
    -- be none until that file is edited.
    if vim.fn.bufwinid(event.buf) == -1 and client:supports_method('textDocument/diagnostic') then
      client:request('textDocument/diagnostic', { textDocument = { uri = vim.uri_from_bufnr(event.buf) } }, nil, event.buf)
    end
  end,
})

-- A file that is not checked has no release.
vim.api.nvim_create_autocmd('LspDetach', {
  group = group,
  callback = function(event)
    if is_ours(event) then
      vim.b[event.buf].dstack_release = nil
      vim.b[event.buf].dstack_release_source = nil
    end
  end,
})

vim.api.nvim_create_user_command('DstackRestart', function()
  require('dstack_lsp').restart()
end, { desc = 'Restart the language server for dstack' })

vim.api.nvim_create_user_command('DstackExplain', function(command)
  require('dstack_lsp').explain(command.args)
end, {
  nargs = '?',
  complete = function(start)
    return require('dstack_lsp').rules(start)
  end,
  desc = 'Explain a rule of dstack-lsp, or that of the finding under the cursor',
})
