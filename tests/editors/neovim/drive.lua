-- Types into a second, real Neovim over its RPC channel and looks at what its user would see.
-- It waits for states, never for times.

local passed, failed = 0, 0
local nvim = vim.env.NVIM

local function check(name, seen, detail)
  if seen then
    passed = passed + 1
    print('ok ' .. name)
  else
    failed = failed + 1
    print('FAILED ' .. name .. '\n' .. vim.inspect(detail))
  end
end

local function write(path, lines)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  vim.fn.writefile(lines, path)
end

--- A Neovim with the folder `editors/neovim` on its runtime path and nothing else.
local function start()
  local channel = vim.fn.jobstart({
    nvim, '--embed', '--headless', '--clean',
    '--cmd', 'set noswapfile runtimepath+=' .. vim.env.DSTACK_LSP_EDITOR,
  }, { rpc = true })
  local editor = {}

  function editor.call(method, ...)
    return vim.rpcrequest(channel, method, ...)
  end

  function editor.lua(code, ...)
    return vim.rpcrequest(channel, 'nvim_exec_lua', code, { ... })
  end

  --- Types keys as a person does; special ones are written `<Esc>`.
  function editor.type(keys)
    editor.call('nvim_input', keys)
  end

  --- The first value of `code` that is neither nil nor false; reports a failure after 15 seconds.
  function editor.wait(name, code, ...)
    local args, value = { ... }, nil
    vim.wait(15000, function()
      value = editor.lua(code, unpack(args))
      return value ~= vim.NIL and value ~= nil and value ~= false
    end, 20)
    local seen = value ~= vim.NIL and value ~= nil and value ~= false
    check(name, seen, { last = value, buffer = editor.call('nvim_buf_get_lines', 0, 0, -1, false), log = editor.lua([[return vim.fn.execute('messages')]]) })
    return seen and value or nil
  end

  function editor.lines()
    return editor.call('nvim_buf_get_lines', 0, 0, -1, false)
  end

  function editor.stop()
    pcall(editor.call, 'nvim_command', 'qall!')
    vim.fn.jobwait({ channel }, 5000)
  end

  return editor
end

local DIAGNOSTICS = [[
  local found = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    found[#found + 1] = ('%d:%d %s %s'):format(it.lnum + 1, it.col + 1, it.code or '?', it.message)
  end
  table.sort(found)
  return found
]]

write('.dstack.yml', {
  'type: dev-environment',
  'ide: vscode',
  '# how long to wait',
  'termination_policy: destroy-after-idle # agreed with the team',
  'termination_idle_time: 30m',
  'max_duration: 1d',
})
write('train.dstack.yml', {
  'type: task',
  'comands:',
  '  - python train.py',
  'resources:',
  '  gpu: A100:80GB:2',
  '',
})
write('other.yml', { 'comands: []' })

local editor = start()

-- A file named `.dstack.yml`: what generic YAML set-ups ignore.
editor.call('nvim_command', 'edit .dstack.yml')
check('file type of .dstack.yml', editor.lua('return vim.bo.filetype') == 'yaml.dstack', editor.lua('return vim.bo.filetype'))
for _, path in ipairs({
  'train.dstack.yaml',
  '.dstack/profiles.yml',
  '.dstack/config.yml',
  '.dstack/server/config.yml',
  '.dstack/templates/train.yml',
}) do
  local found = editor.lua(("return vim.filetype.match({ filename = '/a/%s' })"):format(path))
  check('file type of ' .. path, found == 'yaml.dstack', found)
end
check("YAML's own settings still apply", editor.lua('return vim.bo.commentstring') == '# %s', editor.lua('return vim.bo.commentstring'))
editor.wait('server attached to .dstack.yml', [[return #vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' }) == 1]])
editor.wait('two findings on the termination fields', [[
  local lines = {}
  for _, it in ipairs(vim.diagnostic.get(0)) do
    if it.code == 'removed-field' and it.source == 'dstack' then lines[it.lnum] = true end
  end
  return lines[3] and lines[4] and #vim.diagnostic.get(0) == 2
]])

-- The quick-fix, chosen from the menu that `gra` shows.
editor.lua([[
  vim.g.titles = {}
  vim.ui.select = function(items, options, choose)
    vim.g.titles = vim.tbl_map(options.format_item or tostring, items)
    choose(items[1], 1)
  end
]])
editor.type('4G0gra')
editor.wait('quick-fix applied by gra', [[
  return vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), {
    'type: dev-environment',
    'ide: vscode',
    '# how long to wait',
    '# agreed with the team',
    'idle_duration: 30m',
    'max_duration: 1d',
  })
]])
editor.wait('findings gone after the fix', [[return #vim.diagnostic.get(0) == 0]])

-- A task with a mistyped key.
editor.call('nvim_command', 'edit! train.dstack.yml')
editor.wait('server attached to train.dstack.yml', [[return #vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' }) == 1]])
editor.wait('mistyped key found', [[
  for _, it in ipairs(vim.diagnostic.get(0)) do
    if it.lnum == 1 and it.col == 0 and it.end_col == 7 and it.code == 'unknown-field' and it.message:find('commands', 1, true) then return true end
  end
]])
editor.type('2G0gra')
editor.wait('mistyped key fixed', [[return vim.api.nvim_buf_get_lines(0, 1, 2, false)[1] == 'commands:']])
editor.wait('no finding left', [[return #vim.diagnostic.get(0) == 0]])

-- Hover on a key and on a value, in the window that a person sees.
local FLOAT = [[
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      if text:find(select(1, ...), 1, true) then return text end
    end
  end
]]
editor.type('4G0K')
editor.wait('hover on a key', FLOAT, 'resources')
editor.type('<Esc>5G0f8K')
editor.wait('hover on a part of a value', FLOAT, '80')

-- Completion of a key: type, choose, go on.
-- (`<Esc>0C` clears what YAML's indentation puts at the start of a new line.)
editor.type('<Esc>Go<Esc>0Cnodes: 2<Esc>o<Esc>0Cpri<C-x><C-o>')
editor.wait('the popup offers fields of a task only', [[
  if vim.fn.pumvisible() == 0 then return false end
  local words = vim.tbl_map(function(it) return it.abbr ~= '' and it.abbr or it.word end, vim.fn.complete_info({ 'items' }).items)
  return vim.list_contains(words, 'priority') and vim.list_contains(words, 'privileged') and not vim.list_contains(words, 'ide')
]])
editor.type('<C-y>')
editor.wait('completion taken', [[return vim.api.nvim_get_current_line():match('^pri%w+:') ~= nil]])

-- Completion of a value.
editor.type('<Esc>0Cspot_policy: on<C-x><C-o>')
editor.wait('completion of a value', [[
  if vim.api.nvim_get_current_line() == 'spot_policy: on-demand' then return true end
  if vim.fn.pumvisible() == 0 then return false end
  local words = vim.tbl_map(function(it) return it.abbr ~= '' and it.abbr or it.word end, vim.fn.complete_info({ 'items' }).items)
  return vim.list_contains(words, 'on-demand')
]])
editor.type('<C-y><Esc>')
editor.wait('value taken', [[return vim.api.nvim_get_current_line() == 'spot_policy: on-demand']])
editor.wait('the finished file is clean', [[return #vim.diagnostic.get(0, { severity = { min = vim.diagnostic.severity.WARN } }) == 0]])

-- The outline.
editor.type(':lua vim.lsp.buf.document_symbol()<CR>')
editor.wait('outline', [[
  local names = vim.tbl_map(function(it) return it.text end, vim.fn.getloclist(0))
  return table.concat(names, ' '):find('resources', 1, true) ~= nil
]])
editor.call('nvim_command', 'lclose')

-- Other YAML files are none of our business.
editor.call('nvim_command', 'edit! other.yml')
check('other YAML files are left alone', editor.lua([[return #vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })]]) == 0, editor.lua(DIAGNOSTICS))

editor.lua([[vim.g.server = vim.lsp.get_clients({ name = 'dstack_lsp' })[1].rpc and true]])
editor.lua([[vim.lsp.stop_client(vim.lsp.get_clients({ name = 'dstack_lsp' }))]])
editor.wait('server stopped', [[return #vim.lsp.get_clients({ name = 'dstack_lsp' }) == 0]])
editor.stop()

print(('%d passed, %d failed'):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
