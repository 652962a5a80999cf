" The language server of dstack's files, for ALE.

call ale#Set('dstack_lsp_executable', 'dstack-lsp')
call ale#Set('dstack_lsp_settings', {})

" The root of the Git checkout, up to which the server looks for the release that the project pins. Without one it is the folder
" of the file, or the one that its `.dstack` is in.
function! ale_linters#dstack#dstack_lsp#GetProjectRoot(buffer) abort
  let l:folder = fnamemodify(bufname(a:buffer), ':p:h')
  " In a worktree `.git` is a file.
  for l:git in [finddir('.git', l:folder . ';'), findfile('.git', l:folder . ';')]
    if !empty(l:git)
      return fnamemodify(substitute(fnamemodify(l:git, ':p'), '/$', '', ''), ':h')
    endif
  endfor

  return substitute(l:folder, '/\.dstack\(/.*\)\?$', '', '')
endfunction

call ale#linter#Define('dstack', {
\   'name': 'dstack_lsp',
\   'aliases': ['dstack-lsp'],
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'dstack_lsp_executable')},
\   'command': '%e --stdio',
\   'language': 'dstack',
\   'project_root': function('ale_linters#dstack#dstack_lsp#GetProjectRoot'),
\   'initialization_options': {buffer -> {'dstack': ale#Var(buffer, 'dstack_lsp_settings')}},
\})
