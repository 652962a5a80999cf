" The names of dstack files. They are also YAML files: its colors and indentation apply.

let s:names = ['.dstack', '*.dstack', '*/.dstack/profiles', '*/.dstack/config', '*/.dstack/server/config', '*/.dstack/templates/*']
for s:name in s:names
  execute printf('autocmd BufNewFile,BufRead %s.yml,%s.yaml set filetype=yaml.dstack', s:name, s:name)
endfor
unlet s:name s:names
