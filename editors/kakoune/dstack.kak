# dstack files in Kakoune with kakoune-lsp. Source this in kakrc, after `eval %sh{kak-lsp}` and before `lsp-enable`, if you use that.

hook global BufCreate (?:.*/)?[^/]*[.]dstack[.]ya?ml %{ set-option buffer filetype dstack }
hook global BufCreate .*/[.]dstack/(?:profiles|config|server/config|templates/[^/]+)[.]ya?ml %{ set-option buffer filetype dstack }

# A folder `.dstack` does not indicate a project: every user of dstack has one in the home folder.
hook global BufSetOption filetype=dstack %{
    set-option buffer comment_line '#'
    set-option buffer indentwidth 2
    set-option buffer lsp_servers %{
        [dstack-lsp]
        root_globs = [".git"]
        settings_section = "_"
        [dstack-lsp.settings._.dstack]
    }
}

# The colors and the indentation are those of YAML.
hook global WinSetOption filetype=dstack %{
    require-module yaml
    add-highlighter window/dstack ref yaml
    hook window ModeChange pop:insert:.* -group dstack-trim-indent yaml-trim-indent
    hook window InsertChar \n -group dstack-insert yaml-insert-on-new-line
    hook window InsertChar \n -group dstack-indent yaml-indent-on-new-line
    # With `lsp-enable`, it is already enabled in all windows.
    evaluate-commands %sh{ [ "$kak_opt_lsp_fail_if_disabled" = nop ] || echo lsp-enable-window }
    hook -once -always window WinSetOption filetype=.* %{
        remove-highlighter window/dstack
        remove-hooks window dstack-.+
    }
}
