//! All edits of YAML: they keep comments, order, quoting and style, and leave YAML that loads.
