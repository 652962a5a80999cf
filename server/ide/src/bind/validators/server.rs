//! The validators of the server's configuration: where keys and files of credentials come from. They mirror `fill_data` in
//! `core/backends/base/models.py` and the validators that call it. The files themselves are taken to exist and to be valid.

use super::super::{
    misfit::{Breach, Lack, Mismatch},
    scope::{Scope, own_keys},
    slots::live,
};

/// `fill_data` of Google Cloud's credentials.
pub(super) fn filename_or_data(scope: &mut Scope<'_, '_>) {
    fill_data(scope, "filename", "data");
}

/// `fill_data` of private keys.
pub(super) fn path_or_content(scope: &mut Scope<'_, '_>) {
    fill_data(scope, "path", "content");
}

/// `fill_data`: the content is in the file, or in another file with this path.
fn fill_data(scope: &mut Scope<'_, '_>, path: &'static str, content: &'static str) {
    let fields = scope.fields;
    if fields.is_any_unsound(&[path, content]) || fields.get(content).is_some() || fields.is_set(path) {
        return;
    }
    match live(fields.slots, path).copied() {
        Some(slot) => {
            let empty = Breach::of(Mismatch::EmptyPath { path, content }).removing(own_keys(&[slot]));
            scope.blame(slot, slot.value, empty);
        }
        // A required field is reported as such.
        None if scope.is_required(path) => {}
        None => scope.blame_here(Lack::PathOrContent { path, content }),
    }
}

/// `NebiusServiceAccountFileCreds.fill_data`: `filename` has the whole key; otherwise the private key is needed.
pub(super) fn nebius_key(scope: &mut Scope<'_, '_>) {
    if !scope.accepts("filename") {
        return fill_data(scope, "private_key_file", "private_key_content");
    }
    let fields = scope.fields;
    if fields.is_set("filename") || fields.is_any_unsound(&["filename"]) {
        return;
    }
    match ["private_key_file", "private_key_content"].iter().any(|it| fields.get(it).is_some()) {
        true => fill_data(scope, "private_key_file", "private_key_content"),
        false => scope.blame_here(Lack::NebiusKey),
    }
}
