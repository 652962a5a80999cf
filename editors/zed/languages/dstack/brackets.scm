; Pairs that Zed shows and jumps between.
("[" @open "]" @close)
("{" @open "}" @close)
