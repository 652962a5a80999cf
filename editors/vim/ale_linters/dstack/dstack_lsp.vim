" The language server for dstack files, for ALE.

call ale#Set('dstack_lsp_executable', 'dstack-lsp')
call ale#Set('dstack_lsp_settings', {})

" The root of the Git checkout, up to which the server searches for the release that the project pins. Without a checkout, the
" folder of the file, or the folder that contains its `.dstack`.
function! ale_linters#dstack#dstack_lsp#GetProjectRoot(buffer) abort
  let l:folder = fnamemodify(bufname(a:buffer), ':p:h')
  let l:root = l:folder
  " Not `finddir`, for which a path ends at a space or a comma. In a worktree, `.git` is a file.
  while empty(getftype(l:root . '/.git')) && l:root !=# fnamemodify(l:root, ':h')
    let l:root = fnamemodify(l:root, ':h')
  endwhile
  if !empty(getftype(l:root . '/.git'))
    return l:root
  endif

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
