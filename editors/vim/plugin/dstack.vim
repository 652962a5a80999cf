" Registers the server with vim-lsp. (ALE finds it by itself, in ale_linters/dstack.)

if exists('g:loaded_dstack')
  finish
endif
let g:loaded_dstack = 1

function! s:register() abort
  " Two clients would report everything twice.
  if exists('g:loaded_ale') || !executable('dstack-lsp')
    return
  endif
  call lsp#register_server({
  \   'name': 'dstack-lsp',
  \   'cmd': {server_info -> ['dstack-lsp', '--stdio']},
  \   'allowlist': ['yaml.dstack'],
  \   'languageId': {server_info -> 'dstack'},
  \   'workspace_config': {'dstack': get(g:, 'dstack_lsp_settings', {})},
  \ })
endfunction

augroup dstack_lsp
  autocmd!
  autocmd User lsp_setup call s:register()
augroup END
