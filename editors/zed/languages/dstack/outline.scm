; The outline until the server has answered: each key with what is below it.
(block_mapping_pair
  key: (flow_node) @name) @item
