//! Applies all safe fixes of the file.

use super::{ActionKind, Actions, Context, Handler, Offer};
use crate::{diagnostic::Applicability, difference::difference, findings::findings, fix::Fixer, fix_all::fixed};

pub(super) const HANDLER: Handler = Handler { name: "fix-all", kind: ActionKind::FixAll, run };

fn run(context: &Context<'_>, acc: &mut Actions<'_>) {
    let document = context.document;
    let fixer = Fixer::new(document);
    let is_safe = |it| fixer.fixes(it).iter().any(|it| it.applicability == Applicability::Safe);
    if !findings(document).shown.iter().any(is_safe) {
        return;
    }
    let title = "Apply all safe fixes".to_owned();
    acc.add(Offer { title, diagnostic: None, is_preferred: false }, || {
        let after = fixed(document).0;
        let edits = difference(document.text().as_str(), after.text().as_str());
        (!edits.is_empty()).then_some(edits)
    });
}
