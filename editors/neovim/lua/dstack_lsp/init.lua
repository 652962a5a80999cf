-- The commands.

local M = {}

--- The output of `dstack-lsp` with these arguments, or nil and the problem.
---@param ... string
---@return string? output, string? problem
function M.run(...)
  local cmd = (vim.lsp.config.dstack_lsp or {}).cmd
  local program = type(cmd) == 'table' and cmd[1] or 'dstack-lsp'
  local started, process = pcall(vim.system, { program, ... }, { text = true })
  if not started then
    return nil, ('`%s` cannot be started'):format(program)
  end
  local result = process:wait(5000)
  if result.code ~= 0 then
    return nil, vim.trim(result.stderr ~= '' and result.stderr or ('`%s` ended with exit code %d'):format(program, result.code))
  end
  return result.stdout
end

--- The rules whose names begin with this text.
---@param start string
---@return string[]
function M.rules(start)
  local rules = {}
  for name in (M.run('explain') or ''):gmatch('([%l-]+)[^\n]*') do
    if vim.startswith(name, start) then
      rules[#rules + 1] = name
    end
  end
  return rules
end

--- The finding at the cursor, or else the first one in its line.
local function rule_at_cursor()
  local line, column = vim.fn.line('.') - 1, vim.fn.col('.') - 1
  local first
  for _, it in ipairs(vim.diagnostic.get(0, { lnum = line })) do
    if it.source == 'dstack' then
      first = first or it.code
      if it.col <= column and (column < it.end_col or line < it.end_lnum) then
        return it.code
      end
    end
  end
  return first
end

--- Explains a rule in a window like that of hover.
---@param rule string empty for the rule of the finding under the cursor
function M.explain(rule)
  rule = rule ~= '' and rule or rule_at_cursor()
  if not rule then
    vim.notify('dstack-lsp has nothing to say about this line')
    return
  end
  local text, problem = M.run('explain', rule)
  if not text then
    vim.notify('dstack-lsp: ' .. problem, vim.log.levels.ERROR)
    return
  end
  vim.lsp.util.open_floating_preview(vim.split(vim.trim(text), '\n'), 'markdown', { focus_id = 'dstack_explain' })
end

--- Restarts the server.
function M.restart()
  local function clients()
    return vim.lsp.get_clients({ name = 'dstack_lsp', _uninitialized = true })
  end
  vim.lsp.enable('dstack_lsp', false)
  local is_gone = vim.wait(2000, function()
    return #clients() == 0
  end, 20)
  if not is_gone then
    for _, it in ipairs(clients()) do
      it:stop(true)
    end
  end
  vim.lsp.enable('dstack_lsp')
end

return M
