-- Types into a second, real Neovim over its RPC channel and checks what a user would see.
-- It waits for states, never for times.

local passed, failed = 0, 0

local function say(line)
  -- `print` does not end the line here.
  io.stdout:write(line, '\n')
  io.stdout:flush()
end

local function check(name, seen, detail)
  if seen then
    passed = passed + 1
    say('ok ' .. name)
  else
    failed = failed + 1
    say('FAILED ' .. name .. '\n  ' .. vim.inspect(detail):gsub('\n', '\n  '))
  end
end

local function write(path, lines)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  vim.fn.writefile(lines, path)
end

--- The code block of the README that contains these words.
local function readme(words)
  local text = table.concat(vim.fn.readfile(vim.env.README), '\n')
  for block in text:gmatch('```lua\n(.-)\n```') do
    if block:find(words, 1, true) then
      return block
    end
  end
  error('the README has no code with ' .. words)
end

--- A Neovim as a user starts it, with these lines in `init.lua`.
local function start(...)
  write(vim.env.HOME .. '/.config/nvim/init.lua', vim.split(table.concat({ 'vim.o.swapfile = false', ... }, '\n'), '\n'))
  local channel = vim.fn.jobstart({ vim.env.NVIM, '--embed', '--headless' }, { rpc = true })
  local editor = {}

  function editor.call(method, ...)
    return vim.rpcrequest(channel, method, ...)
  end

  function editor.lua(code, ...)
    return vim.rpcrequest(channel, 'nvim_exec_lua', code, { ... })
  end

  --- Types keys like a user; special keys are written `<Esc>`.
  function editor.type(keys)
    editor.call('nvim_input', keys)
  end

  function editor.edit(path)
    editor.call('nvim_command', 'edit! ' .. path)
  end

  --- The first value of `code` that is neither nil nor false; reports a failure after 15 seconds.
  function editor.wait(name, code, ...)
    local args, value = { ... }, nil
    local function seen()
      return value ~= vim.NIL and value ~= nil and value ~= false
    end
    vim.wait(15000, function()
      value = editor.lua(code, unpack(args))
      return seen()
    end, 20)
    check(name, seen(), not seen() and editor.lua([[
      return {
        buffer = vim.api.nvim_buf_get_lines(0, 0, -1, false),
        findings = vim.tbl_map(function(it) return ('%d:%d %s: %s'):format(it.lnum + 1, it.col + 1, it.source, it.message) end, vim.diagnostic.get(0)),
        servers = vim.tbl_map(function(it) return it.name end, vim.lsp.get_clients({ bufnr = 0 })),
        messages = vim.fn.execute('messages'),
      }
    ]]))
    return seen() and value or nil
  end

  --- Checks at once.
  function editor.check(name, code, ...)
    local value = editor.lua(code, ...)
    check(name, value == true, value)
  end

  --- Restarts the server of this buffer and waits for the new one.
  function editor.restart(name)
    local id = editor.lua([[return vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })[1].id]])
    editor.type(':DstackRestart<CR>')
    editor.wait(name, [[
      local clients = vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })
      return #clients == 1 and clients[1].initialized and clients[1].id > ...
    ]], id)
  end

  function editor.stop()
    pcall(editor.call, 'nvim_command', 'qall!')
    vim.fn.jobwait({ channel }, 5000)
  end

  return editor
end

--- Whether this buffer has this many findings, all of them from the server `source`.
local FINDINGS = [[
  local count, source = ...
  local found = vim.diagnostic.get(0)
  return #found == count and vim.iter(found):all(function(it) return it.source == source end)
]]

--- The text of a floating window that contains these words.
local FLOAT = [[
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      if text:find(select(1, ...), 1, true) then return text end
    end
  end
]]

local TASK = {
  'type: task',
  'comands:',
  '  - python train.py',
  'resources:',
  '  gpu: A100:80GB:2',
  '',
}

write('.git/HEAD', { 'ref: refs/heads/main' })
write('uv.lock', { 'version = 1', '', '[[package]]', 'name = "dstack"', 'version = "0.19.40"' })
write('.dstack.yml', {
  'type: dev-environment',
  'ide: vscode',
  '# how long to wait',
  'termination_policy: destroy-after-idle # agreed with the team',
  'termination_idle_time: 30m',
  'max_duration: 1d',
})
write('train.dstack.yml', TASK)
write('train.yml', TASK)
write('other.yml', { 'comands: []' })
write('apart.yml', { 'type: service', 'name: checkout', 'team: payments' })
-- All users of dstack have this.
write(vim.env.HOME .. '/.dstack/config.yml', { 'projects: []' })
write(vim.env.HOME .. '/without-git/a.dstack.yml', { 'type: task', 'comands: [a]' })

local function basics()
  local editor = start(readme('vim.opt.statusline'))

  -- A file named `.dstack.yml`, which generic YAML setups ignore.
  editor.edit('.dstack.yml')
  editor.check('the file type of .dstack.yml', [[return vim.bo.filetype == 'yaml.dstack' or vim.bo.filetype]])
  for _, path in ipairs({
    'train.dstack.yaml',
    '.dstack/profiles.yml',
    '.dstack/config.yml',
    '.dstack/server/config.yml',
    '.dstack/templates/train.yml',
  }) do
    local found = editor.lua(("return vim.filetype.match({ filename = '/a/%s' })"):format(path))
    check('the file type of ' .. path, found == 'yaml.dstack', found)
  end
  editor.check("YAML's own settings still apply", [[return vim.bo.commentstring == '# %s' or vim.bo.commentstring]])
  editor.wait('the server starts by itself', [[return #vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' }) == 1]])
  editor.check('what is typed is not held back', [[
    local flags = vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })[1].flags
    return flags.debounce_text_changes == 1 or flags
  ]])
  editor.wait('diagnostics: two outdated fields', [[
    local lines = {}
    for _, it in ipairs(vim.diagnostic.get(0)) do
      if it.code == 'deprecated-field' and it.source == 'dstack' then lines[it.lnum] = true end
    end
    return lines[3] and lines[4] and #vim.diagnostic.get(0) == 2
  ]])
  editor.check('the project is the checkout', [[
    local root = vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })[1].root_dir
    return root == vim.uv.cwd() or root
  ]])
  editor.wait('release: in the status line, from uv.lock', [[
    return vim.api.nvim_eval_statusline(vim.o.statusline, {}).str:find('dstack 0.19.40', 1, true)
      and vim.b.dstack_release_source:find('uv.lock', 1, true)
  ]])

  -- The quick fix, chosen from the menu that `gra` shows.
  editor.lua([[
    vim.g.titles = {}
    vim.ui.select = function(items, options, choose)
      vim.g.titles = vim.tbl_map(options.format_item or tostring, items)
      choose(items[1], 1)
    end
  ]])
  editor.type('4G0gra')
  editor.wait('action: an outdated field replaced, with its comment kept', [[
    return vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), {
      'type: dev-environment',
      'ide: vscode',
      '# how long to wait',
      '# agreed with the team',
      'idle_duration: 30m',
      'max_duration: 1d',
    })
  ]])
  editor.wait('diagnostics: gone after the fix', FINDINGS, 0)
  editor.type('ggO# dstack-lsp: release=0.20.1<Esc>')
  editor.wait('release: by a comment that is typed', [[return vim.b.dstack_release == 'dstack 0.20.1']])
  editor.type('u')
  editor.wait('release: back to that of uv.lock', [[return vim.b.dstack_release == 'dstack 0.19.40']])

  -- A task with a mistyped key.
  editor.edit('train.dstack.yml')
  editor.wait('diagnostics: a mistyped key', [[
    for _, it in ipairs(vim.diagnostic.get(0)) do
      if it.lnum == 1 and it.col == 0 and it.end_col == 7 and it.code == 'unknown-field' and it.message:find('commands', 1, true) then return true end
    end
  ]])
  editor.type('2G0:DstackExplain<CR>')
  editor.wait('the rule under the cursor is explained', FLOAT, 'unknown-field')
  editor.type('2G0gra')
  editor.wait('action: a mistyped key renamed', [[return vim.api.nvim_buf_get_lines(0, 1, 2, false)[1] == 'commands:']])
  editor.wait('diagnostics: none left', FINDINGS, 0)

  -- In the window that a user sees.
  editor.type('4G0K')
  editor.wait('hover: on a key', FLOAT, 'resources')
  editor.type('<Esc>5G0f8K')
  editor.wait('hover: on a part of a value', FLOAT, '80')

  -- Type, choose, continue. (`<Esc>0C` clears what YAML indentation inserts at the start of a new line.)
  editor.type('<Esc>Go<Esc>0Cnodes: 2<Esc>o<Esc>0Cpri<C-x><C-o>')
  editor.wait('completion: offers fields of a task only', [[
    if vim.fn.pumvisible() == 0 then return false end
    local words = vim.tbl_map(function(it) return it.abbr ~= '' and it.abbr or it.word end, vim.fn.complete_info({ 'items' }).items)
    return vim.list_contains(words, 'priority') and vim.list_contains(words, 'privileged') and not vim.list_contains(words, 'ide')
  ]])
  editor.type('<C-y>')
  editor.wait('completion: a field taken', [[return vim.api.nvim_get_current_line():match('^pri%w+: $') ~= nil]])
  editor.type('<Esc>0Cspot_policy: on<C-x><C-o>')
  editor.wait('completion: offers a value', [[
    if vim.api.nvim_get_current_line() == 'spot_policy: on-demand' then return true end
    if vim.fn.pumvisible() == 0 then return false end
    local words = vim.tbl_map(function(it) return it.abbr ~= '' and it.abbr or it.word end, vim.fn.complete_info({ 'items' }).items)
    return vim.list_contains(words, 'on-demand')
  ]])
  editor.type('<C-y><Esc>')
  editor.wait('completion: a value taken', [[return vim.api.nvim_get_current_line() == 'spot_policy: on-demand']])
  editor.wait('diagnostics: none in the finished file', FINDINGS, 0)

  -- A skeleton in an empty file.
  editor.edit('new.dstack.yml')
  editor.wait('the server knows a new file', [[return vim.b.dstack_release]])
  editor.type('i<C-x><C-o>')
  editor.wait('completion: offers whole files', [[
    if vim.fn.pumvisible() == 0 then return false end
    for i, it in ipairs(vim.fn.complete_info({ 'items' }).items) do
      if it.word:find('task', 1, true) then return i end
    end
  ]])
  local place = editor.lua([[
    for i, it in ipairs(vim.fn.complete_info({ 'items' }).items) do
      if it.word:find('task', 1, true) then return i end
    end
  ]])
  editor.type(('<C-n>'):rep(place - 1) .. '<C-y>')
  editor.wait('completion: a whole file taken', [[
    local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    return #lines > 4 and lines[1] == 'type: task' and lines[2]:match('^name: %w') ~= nil
  ]])
  editor.type('<Esc>')
  editor.wait('diagnostics: none in it', FINDINGS, 0)
  editor.edit('train.dstack.yml')

  editor.type(':lua vim.lsp.buf.document_symbol()<CR>')
  editor.wait('the outline', [[
    local names = vim.tbl_map(function(it) return it.text end, vim.fn.getloclist(0))
    return table.concat(names, ' '):find('resources', 1, true) ~= nil
  ]])
  editor.call('nvim_command', 'lclose')

  editor.call('nvim_command', 'enew | call setline(1, "comands: []") | setfiletype yaml.dstack')
  local unnamed = editor.call('nvim_get_current_buf')
  -- Without Git, the home folder with its `.dstack` is not a project.
  editor.edit(vim.env.HOME .. '/without-git/a.dstack.yml')
  editor.wait('diagnostics: without a project', FINDINGS, 1, 'dstack')
  editor.check('a file without a name is left alone', [[return #vim.lsp.get_clients({ bufnr = ... }) == 0]], unnamed)
  editor.call('nvim_command', 'bdelete! ' .. unnamed)
  editor.check('the home folder is no project', [[
    local root = vim.lsp.get_clients({ bufnr = 0, name = 'dstack_lsp' })[1].root_dir
    return root == nil or root
  ]])

  editor.call('nvim_command', 'checkhealth dstack_lsp')
  editor.wait('the health check says which server and which releases', [[
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    return text:find('OK dstack%-lsp %d+%.%d+%.%d+ %(knows dstack [^\n]*/bin/dstack%-lsp')
      and text:find('train.dstack.yml: dstack 0.19.40, from `uv.lock`', 1, true)
      and not text:find('WARNING') and not text:find('ERROR')
  ]])
  editor.call('nvim_command', 'bdelete!')

  editor.edit('train.dstack.yml')
  editor.call('nvim_command', 'edit!')
  editor.wait('diagnostics: of a file that is read again', FINDINGS, 1, 'dstack')
  editor.restart('the server restarts')
  editor.wait('diagnostics: from the server that is new', FINDINGS, 1, 'dstack')
  editor.wait('release: from the server that is new', [[return vim.b.dstack_release == 'dstack 0.19.40']])
  editor.wait('it does for files outside of the project, too', [[return #vim.lsp.get_clients({ name = 'dstack_lsp' }) == 2]])
  editor.edit(vim.env.HOME .. '/without-git/a.dstack.yml')
  editor.wait('diagnostics: of a file that was hidden then', FINDINGS, 1, 'dstack')
  editor.lua([[vim.lsp.enable('dstack_lsp', false)]])
  editor.wait('the server stops', [[return #vim.lsp.get_clients({ name = 'dstack_lsp' }) == 0 and not vim.b.dstack_release]])
  editor.stop()
end

--- As in nvim-lspconfig, except for the catalogue of schemas, which would be fetched from the network. Instead there is a
--- schema that reports something in every file that the server receives.
local YAMLLS = [[
  vim.lsp.config('yamlls', {
    cmd = { 'yaml-language-server', '--stdio' },
    filetypes = { 'yaml', 'yaml.docker-compose', 'yaml.gitlab', 'yaml.helm-values' },
    root_markers = { '.git' },
    settings = {
      redhat = { telemetry = { enabled = false } },
      yaml = {
        format = { enable = true },
        schemaStore = { enable = false, url = '' },
        schemas = { [vim.uri_from_fname(vim.uv.cwd() .. '/schema.json')] = { '*.yml', '.*.yml' } },
      },
    },
    on_init = function(client)
      client.server_capabilities.documentFormattingProvider = true
    end,
  })
  vim.lsp.enable('yamlls')
]]

--- The servers of this buffer, and the sources of its findings.
local WHO = [[
  local name, count = ...
  local servers, found = vim.lsp.get_clients({ bufnr = 0 }), vim.diagnostic.get(0)
  if #servers ~= 1 or servers[1].name ~= name or #found ~= count then return false end
  local namespace = vim.lsp.diagnostic.get_namespace(servers[1].id)
  return vim.iter(found):all(function(it) return it.namespace == namespace or it.source == 'dstack' end)
]]
local function beside_another_server()
  write('schema.json', { vim.json.encode({ type = 'object', required = { 'wanted' } }) })
  write('train.dstack.yml', TASK)
  local editor = start(YAMLLS)

  editor.edit('other.yml')
  editor.wait('other YAML files are left to the server for YAML, which has something to say', WHO, 'yamlls', 1)
  editor.edit('apart.yml')
  editor.wait('so are files that might be dstack’s and are not', [[
    local names = vim.tbl_map(function(it) return it.name end, vim.lsp.get_clients({ bufnr = 0 }))
    return vim.list_contains(names, 'yamlls') and vim.list_contains(names, 'dstack_lsp')
      and #vim.diagnostic.get(0) == 1 and vim.diagnostic.get(0)[1].source ~= 'dstack' and vim.bo.filetype == 'yaml'
  ]])
  editor.edit('train.dstack.yml')
  editor.wait('diagnostics: one set on a dstack file', WHO, 'dstack_lsp', 1)
  editor.edit('train.yml')
  editor.wait('diagnostics: one set on a dstack file of another name', WHO, 'dstack_lsp', 1)
  editor.check('which is one of dstack’s from then on', [[return vim.bo.filetype == 'yaml.dstack' or vim.bo.filetype]])
  editor.wait('release: of a file of another name', [[return vim.b.dstack_release == 'dstack 0.19.40']])
  editor.restart('the server restarts beside the other')
  editor.wait('diagnostics: still one set', WHO, 'dstack_lsp', 1)
  editor.edit('train.dstack.yml')
  editor.wait('diagnostics: still one set on the other file', WHO, 'dstack_lsp', 1)
  -- A late message would arrive before the answer to a request that is sent now.
  editor.lua([[
    for _, it in ipairs(vim.lsp.get_clients()) do
      for buf in pairs(it.attached_buffers) do
        it:request_sync('textDocument/documentSymbol', { textDocument = { uri = vim.uri_from_bufnr(buf) } }, 10000, buf)
      end
    end
  ]])
  editor.check('diagnostics: of one server on each file, in the end', [[
    local sources = {}
    for _, it in ipairs(vim.diagnostic.get()) do
      local name = vim.fs.basename(vim.api.nvim_buf_get_name(it.bufnr))
      sources[name] = (sources[name] or '') .. (it.source == 'dstack' and 'dstack' or 'yaml') .. ' '
    end
    local expected = { ['other.yml'] = 'yaml ', ['apart.yml'] = 'yaml ', ['train.yml'] = 'dstack ', ['train.dstack.yml'] = 'dstack ' }
    return vim.deep_equal(sources, expected) or sources
  ]])
  editor.stop()
end

--- The same for a server that is started without `vim.lsp.enable`, as older versions of nvim-lspconfig do.
local function beside_a_server_of_old()
  local editor = start((YAMLLS:gsub("vim.lsp.enable%('yamlls'%)", [[
    vim.api.nvim_create_autocmd('FileType', {
      pattern = vim.lsp.config.yamlls.filetypes,
      callback = function() vim.lsp.start(vim.lsp.config.yamlls) end,
    })
  ]])))
  editor.edit('other.yml')
  editor.wait('other YAML files are left to a server of old', WHO, 'yamlls', 1)
  editor.edit('train.yml')
  editor.wait('diagnostics: one set beside a server of old', WHO, 'dstack_lsp', 1)
  editor.stop()
end

--- The other choices in the README.
local function otherwise()
  write('train.dstack.yml', TASK)
  write('jobs/any.yml', { 'name: a' })
  local editor = start(readme("release = '0.19.40'"):gsub('0%.19%.40', '0.20.1'), readme("filetypes = { 'yaml.dstack' }"), readme('vim.filetype.add'))
  editor.edit('train.yml')
  editor.check('by names only: the server is not started for another', [[return #vim.lsp.get_clients() == 0]])
  editor.edit('jobs/any.yml')
  editor.wait('diagnostics: on files that the user says are dstack’s', [[return (vim.diagnostic.get(0)[1] or {}).code == 'missing-field']])
  editor.wait('release: of the setting', [[return vim.b.dstack_release == 'dstack 0.20.1']])
  editor.stop()
end

--- If the first item of the list is preselected, the key that accepts it does not change a completely typed word, and opens a
--- block. (Enter inserts only the word of an item; `<C-y>` inserts all of it.)
local function enter()
  local editor = start(readme('virtual_text'), "vim.opt.completeopt = { 'menuone', 'noinsert' }", 'vim.o.autoindent = false')
  editor.edit('enter.dstack.yml')
  for _, case in ipairs({
    { { 'type: task', 'ports:' }, '  - 9000', '*:9000', '<CR>', { '  - 9000' } },
    { { 'type: task', 'resources:' }, '  gpu: 1', '16GB..', '<CR>', { '  gpu: 1' } },
    { { 'type: task', 'resources:' }, '  disk: 2', '2GB..', '<CR>', { '  disk: 2' } },
    { { 'type: fleet' }, 'nodes: 2', '2..', '<CR>', { 'nodes: 2' } },
    { { 'type: fleet', 'ssh_config:', '  hosts:' }, '    - host', 'hostname', '<CR>', { '    - host' } },
    { { 'type: task' }, 'ports:', '8000', '<C-y>', { 'ports:', '  - ' } },
    { { 'type: task' }, 'retry:', 'true', '<C-y>', { 'retry:', '  ' } },
  }) do
    local above, typed, offered, key, expected = unpack(case)
    editor.type('<Esc>')
    editor.wait('a file to type in', [[
      if vim.api.nvim_get_mode().mode ~= 'n' or #vim.lsp.get_clients({ bufnr = 0 }) ~= 1 then return false end
      vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)
      return true
    ]], vim.list_extend(vim.deepcopy(above), { '' }))
    editor.type('GA' .. typed)
    editor.wait(('completion: `%s` is offered behind `%s`'):format(offered, typed), [[
      local offered, typed = ...
      if vim.fn.pumvisible() == 0 or vim.api.nvim_get_current_line() ~= typed then return false end
      return vim.iter(vim.fn.complete_info({ 'items' }).items):any(function(it) return it.abbr == offered end)
    ]], offered, typed)
    editor.type(key)
    editor.wait(('completion: %s behind `%s` takes nothing else'):format(key, typed), [[
      local above, expected = ...
      return vim.fn.pumvisible() == 0 and vim.deep_equal(vim.api.nvim_buf_get_lines(0, above, above + #expected, false), expected)
    ]], #above, expected)
  end
  editor.stop()
end

basics()
beside_another_server()
beside_a_server_of_old()
otherwise()
enter()
say(('%d passed, %d failed'):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
