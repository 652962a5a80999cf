//! Values that are not secrets although their key names one: references, paths and placeholders.

/// Whether a value only refers to a secret that is stored elsewhere: `${{ secrets.token }}`, `$HF_TOKEN`.
pub(super) fn is_reference(value: &str, in_shell: bool) -> bool {
    let mut rest = value;
    let mut any = false;
    while let Some(at) = rest.find(|it: char| it == '$' || it.is_alphanumeric()) {
        let reference = &rest[at..];
        let is_name = |it: &str| {
            let is_part = |it: char| it == '_' || it.is_ascii_alphanumeric();
            let one_case = !(it.contains(char::is_uppercase) && it.contains(char::is_lowercase));
            !it.is_empty() && one_case && it.chars().all(is_part)
        };
        let after = if let Some(inner) = reference.strip_prefix("${{") {
            inner.split_once("}}").map_or("", |it| it.1)
        } else if let Some(inner) = reference.strip_prefix("${").filter(|_| in_shell) {
            let Some((name, after)) = inner.split_once('}') else { return false };
            if !is_name(name) {
                return false;
            }
            after
        } else if let Some(inner) = reference.strip_prefix('$').filter(|_| in_shell) {
            let end = inner.find(|it: char| it != '_' && !it.is_ascii_alphanumeric()).unwrap_or(inner.len());
            if !is_name(&inner[..end]) {
                return false;
            }
            &inner[end..]
        } else {
            return false;
        };
        (any, rest) = (true, after);
    }
    any
}

/// Whether a value is not worth hiding: a reference, a path, or a placeholder.
pub(super) fn is_harmless(value: &str) -> bool {
    let root = value.strip_prefix('/').and_then(|it| it.split_once('/')).map_or("", |it| it.0);
    let is_path = ["~/", "./", "../"].iter().any(|it| value.starts_with(it))
        || ["home", "root", "etc", "run", "var", "mnt", "opt", "tmp"].contains(&root);
    let is_empty = ["true", "false", "null", "none", "~"].iter().any(|it| value.eq_ignore_ascii_case(it))
        || !value.contains(char::is_alphanumeric);
    is_empty || is_path && !value.contains(' ') || is_reference(value, true)
}
