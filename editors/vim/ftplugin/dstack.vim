" Settings of a buffer with a dstack file, besides those of YAML.

if exists('b:did_ftplugin_dstack')
  finish
endif
let b:did_ftplugin_dstack = 1
let b:undo_ftplugin = get(b:, 'undo_ftplugin', 'execute') . ' | unlet! b:did_ftplugin_dstack'

if exists(':ALEHover') != 2
  finish
endif

" Keeps only the YAML linters that check the style of a file. A general YAML server would report a second set of findings and
" show a second hover.
if !exists('b:ale_linters')
  let s:linters = get(g:, 'ale_linters', {})
  let s:yaml = get(s:linters, 'yaml', get(g:, 'ale_linters_explicit') ? [] : ['yamllint'])
  let b:ale_linters = {
  \   'yaml': type(s:yaml) is v:t_list ? filter(copy(s:yaml), {_, name -> name is# 'yamllint'}) : ['yamllint'],
  \   'dstack': get(s:linters, 'dstack', ['dstack_lsp']),
  \ }
  unlet s:linters s:yaml
  let b:undo_ftplugin .= ' | unlet! b:ale_linters'
endif
if empty(&l:omnifunc)
  setlocal omnifunc=ale#completion#OmniFunc
  let b:undo_ftplugin .= ' | setlocal omnifunc<'
endif
if empty(maparg('K', 'n'))
  nmap <buffer> K <Plug>(ale_hover)
  let b:undo_ftplugin .= ' | execute "silent! nunmap <buffer> K"'
endif
" The window beside a completion wraps lines between words.
if exists('*popup_findinfo')
  augroup dstack_info
    autocmd! * <buffer>
    autocmd CompleteChanged <buffer> if popup_findinfo() | call win_execute(popup_findinfo(), 'setlocal linebreak') | endif
  augroup END
  let b:undo_ftplugin .= ' | execute "autocmd! dstack_info * <buffer>"'
endif
