; Colors, by what tree-sitter-yaml calls the parts of a file.
(comment) @comment

(plain_scalar (string_scalar) @string)
[(double_quote_scalar) (single_quote_scalar) (block_scalar)] @string
(escape_sequence) @string.escape
[(integer_scalar) (float_scalar) (timestamp_scalar)] @number
(boolean_scalar) @boolean
(null_scalar) @constant

; Keys, behind the values: of two patterns for one node the later decides.
(block_mapping_pair key: (flow_node (plain_scalar (_) @property)))
(block_mapping_pair key: (flow_node [(double_quote_scalar) (single_quote_scalar)] @property))
(flow_pair key: (flow_node (plain_scalar (_) @property)))
(flow_pair key: (flow_node [(double_quote_scalar) (single_quote_scalar)] @property))

[(anchor_name) (alias_name)] @label
["&" "*"] @punctuation.special
(tag) @type
[(yaml_directive) (tag_directive) (reserved_directive)] @attribute

["," "-" ":" "?" ">" "|"] @punctuation.delimiter
["[" "]" "{" "}"] @punctuation.bracket
["---" "..."] @punctuation.special
