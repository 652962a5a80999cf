-- A compound file type: the syntax, indentation and ftplugin of YAML apply, while servers for plain YAML do not start.
vim.filetype.add({
  filename = {
    ['.dstack.yml'] = 'yaml.dstack',
    ['.dstack.yaml'] = 'yaml.dstack',
  },
  pattern = {
    ['.*%.dstack%.ya?ml'] = 'yaml.dstack',
    ['.*/%.dstack/profiles%.ya?ml'] = 'yaml.dstack',
    ['.*/%.dstack/config%.ya?ml'] = 'yaml.dstack',
    ['.*/%.dstack/server/config%.ya?ml'] = 'yaml.dstack',
    ['.*/%.dstack/templates/.*%.ya?ml'] = 'yaml.dstack',
  },
})
