//! Rules of the server's configuration: where keys and files of credentials come from. They mirror `fill_data` of dstack's
//! `core/backends/base/models.py` and the validators that call it. The files themselves are taken to be there and right.

use super::{
    custom::{INVALID, MISSING, Scope, breach, removing},
    slots::live,
};

/// `fill_data`: the content stands here, or a path of where it stands.
pub(super) fn path_or_content(scope: &mut Scope<'_, '_, '_>, path: &str, content: &str) {
    if scope.is_any_wrong(&[path, content]) || scope.fields.get(content).is_some() || scope.fields.is_set(path) {
        return;
    }
    match live(scope.fields.slots, path).copied() {
        Some(slot) => {
            let mut it = breach(INVALID, format!("`{path}` is empty; write the path of the file, or set `{content}`"));
            it.remedy = removing(&[slot]);
            scope.blame(slot, slot.value, it);
        }
        // What is demanded anyway is told as that.
        None if scope.is_required(path) => {}
        None => scope.blame_here(breach(MISSING, format!("`{path}` or `{content}` is needed; add one of them"))),
    }
}

/// `NebiusServiceAccountFileCreds.fill_data`: `filename` brings all of it, else the private key is needed.
pub(super) fn nebius_key(scope: &mut Scope<'_, '_, '_>) {
    if !scope.walk.accepts(scope.fields.id, "filename") {
        return path_or_content(scope, "private_key_file", "private_key_content");
    }
    if scope.fields.is_set("filename") || scope.is_any_wrong(&["filename"]) {
        return;
    }
    let is_there = ["private_key_file", "private_key_content"].iter().any(|it| scope.fields.get(it).is_some());
    match is_there {
        true => path_or_content(scope, "private_key_file", "private_key_content"),
        false => scope.blame_here(breach(
            MISSING,
            "`filename` is needed, or else `service_account_id`, `public_key_id` and `private_key_file`; add them",
        )),
    }
}
