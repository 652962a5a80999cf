; dstack's files are YAML.
; inherits: yaml
