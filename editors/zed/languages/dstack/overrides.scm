; Where `not_in` of config.toml holds.
(comment) @comment.inclusive
[(double_quote_scalar) (single_quote_scalar)] @string
