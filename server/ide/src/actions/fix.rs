//! The fixes of the findings in the selection, the obvious ones first.

use super::{ActionKind, Actions, Context, Handler, Offer};
use crate::{diagnostic::Applicability, fix::Fixer};

pub(super) const HANDLER: Handler = Handler { name: "fix", kind: ActionKind::QuickFix, run };

fn run(context: &Context<'_>, acc: &mut Actions<'_>) {
    let fixer = Fixer::new(context.document);
    let mut found = vec![];
    for diagnostic in context.findings() {
        for (i, fix) in fixer.fixes(&diagnostic).into_iter().enumerate() {
            let is_preferred = i == 0 && fix.applicability == Applicability::Safe;
            let diagnostic = Some(diagnostic.clone());
            found.push((Offer { title: fix.title, diagnostic, is_preferred }, fix.edits));
        }
    }
    found.sort_by_key(|it| !it.0.is_preferred);
    found.into_iter().for_each(|(offer, edits)| acc.add_with(offer, edits));
}
