//! What an editor offers to do at a place: computed from document and range, never from what a client sends back.

use yaml::{Edits, Span};

use crate::{
    diagnostic::{Applicability, Diagnostic, Stage, findings},
    document::Document,
    draft,
    secret::{Quotes, Secrets},
    suppress,
};

/// Something that the editor can do for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it does, as an order.
    pub title: String,
    /// The finding that it mends.
    pub diagnostic: Diagnostic,
    /// Whether it is the obvious choice.
    pub preferred: bool,
    /// Whether it mends nothing, but hides the finding: to be offered behind everything else, and never taken unasked.
    pub ignores: bool,
    /// The change.
    pub edits: Edits,
}

/// So many comments that ignore a finding are offered at once.
const MOST_IGNORED: usize = 5;

/// The actions for a selection: the fixes of all findings that touch it, the obvious ones first, and behind them comments
/// that ignore these findings. What dstack's parser rejects is not to be ignored: a comment of ours does not change its mind.
pub fn actions(document: &Document, selection: Span) -> Vec<Action> {
    let mut found = findings(document);
    draft::soften(document, &mut found.shown);
    let touched: Vec<&Diagnostic> = found.shown.iter().filter(|it| it.span.meets(selection)).collect();
    let mut acc = vec![];
    for diagnostic in touched.iter().copied() {
        acc.extend(diagnostic.fixes.iter().enumerate().map(|(i, fix)| Action {
            title: fix.title.clone(),
            preferred: i == 0 && fix.applicability == Applicability::Safe,
            ignores: false,
            diagnostic: diagnostic.clone(),
            edits: fix.edits.clone(),
        }));
    }
    acc.sort_by_key(|it| !it.preferred);
    let place = |it: &Diagnostic| (it.rule, document.text().line_of(it.span.start));
    let mut seen = vec![];
    for diagnostic in touched.iter().copied().filter(|it| it.stage != Stage::Parse) {
        if seen.len() == MOST_IGNORED || seen.contains(&place(diagnostic)) {
            continue;
        }
        seen.push(place(diagnostic));
        acc.extend(suppress::ignoring(document, &found, diagnostic).map(|edits| Action {
            title: format!("Ignore `{}` on this line", diagnostic.rule),
            preferred: false,
            ignores: true,
            diagnostic: diagnostic.clone(),
            edits,
        }));
    }
    document.without_secrets(acc)
}

impl Quotes for Action {
    fn hide(&mut self, secrets: &Secrets) {
        let Action { title, diagnostic, preferred: _, edits: _, ignores: _ } = self;
        secrets.hide(&[diagnostic.span], title);
        diagnostic.hide(secrets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_is_obvious_comes_first_and_to_ignore_it_last() {
        let text = "type: task\ncommands: [a]\nbogus: 1\nhome_dir: /a\nspot: auto\n";
        let titles = |selection: Span| {
            let actions = actions(&fixture::document(text), selection);
            let shown = |it: Action| format!("{}{}", if it.preferred { "*" } else { "" }, it.title);
            actions.into_iter().map(shown).collect::<Vec<_>>()
        };
        let at = |word: &str| Span::at(text.find(word).unwrap() as u32);
        assert_eq!(titles(at("bogus")), ["Remove `bogus`"]);
        let mut expected = vec!["*Remove `home_dir`, which has no effect", "Ignore `deprecated-field` on this line"];
        assert_eq!(titles(at("home_dir")), expected);
        assert_eq!(titles(at("type")), [""; 0]);
        let all = titles(Span::new(0, text.len() as u32));
        expected.truncate(1);
        assert_eq!(all[0], expected[0], "{all:?}");
        let first_ignored = all.iter().position(|it| it.starts_with("Ignore")).unwrap();
        assert!(all[first_ignored..].iter().all(|it| it.starts_with("Ignore")), "{all:?}");
        assert!(all[1..].iter().filter(|it| it.starts_with('*')).count() <= 1, "{all:?}");
    }

    #[test]
    fn what_dstack_rejects_cannot_be_ignored() {
        for text in [
            "type: task\ncommands: a\n",
            "type: task\ncommands: [a]\nmax_price: low\n",
            "type: task\nimage: a\npython: 3.12\n",
            "type: service\ncommands: [a]\n",
            "type: task\ncommands: [a]\ntermination_policy: x\n",
        ] {
            let found = findings(&fixture::document(text)).shown;
            assert!(found.iter().any(|it| it.stage == Stage::Parse), "{text}");
            let actions = actions(&fixture::document(text), Span::new(0, text.len() as u32));
            assert!(actions.iter().all(|it| !it.ignores && !it.title.starts_with("Ignore")), "{text} {actions:#?}");
        }
    }
}
