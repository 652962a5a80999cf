-- A compound file type: YAML's syntax, indentation and ftplugin apply, while servers for plain YAML stay away.
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
