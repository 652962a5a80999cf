//! The code actions at a place: computed from the document and a selection, never from what a client sends back.
//!
//! A handler is a file of its own, listed in `HANDLERS`. An action may be about a finding or stand for itself, and its
//! edits may be left for later, until the user chooses it.

mod fix;
mod fix_all;
mod ignore;

use std::{fmt, str::FromStr};

use yaml::{Edits, Span};

use crate::{
    diagnostic::Diagnostic,
    document::Document,
    draft,
    findings::findings,
    secret::{Quotes, Secrets},
};

/// Something that an editor can do for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// Identifies the action among those of the same version of the document and the same selection.
    pub id: ActionId,
    /// What it does, in the imperative.
    pub title: String,
    /// What kind of change it is.
    pub kind: ActionKind,
    /// The finding that it resolves or hides.
    pub diagnostic: Option<Diagnostic>,
    /// Whether it is the obvious choice.
    pub is_preferred: bool,
    /// The change; `None` if it is left for later.
    pub edits: Option<Edits>,
}

/// What kind of change an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It resolves a finding.
    QuickFix,
    /// It applies all safe fixes of the file.
    FixAll,
    /// It resolves nothing, but hides a finding: to be offered last, and never applied without asking.
    Ignore,
}

/// Identifies an action: its handler, and its index among the actions of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionId {
    handler: &'static str,
    index: u32,
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.handler, self.index)
    }
}

impl FromStr for ActionId {
    type Err = ();

    fn from_str(text: &str) -> Result<ActionId, ()> {
        let (name, index) = text.split_once('/').ok_or(())?;
        let handler = HANDLERS.iter().find(|it| it.name == name).ok_or(())?;
        Ok(ActionId { handler: handler.name, index: index.parse().map_err(|_| ())? })
    }
}

/// Which actions to compute, and with which edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// All, with their edits.
    Now,
    /// All, without edits that are expensive to compute.
    Later,
    /// One, with its edits.
    One(ActionId),
}

/// The source of some actions.
struct Handler {
    name: &'static str,
    kind: ActionKind,
    run: fn(&Context<'_>, &mut Actions<'_>),
}

/// Every handler, in the order in which their actions are offered.
const HANDLERS: &[Handler] = &[fix::HANDLER, fix_all::HANDLER, ignore::HANDLER];

/// The place that actions are wanted for.
struct Context<'a> {
    document: &'a Document,
    selection: Span,
}

impl<'a> Context<'a> {
    /// The findings that touch the selection, as an editor shows them.
    fn findings(&self) -> Vec<Diagnostic> {
        let shown = &findings(self.document).shown;
        let mut touched: Vec<_> = shown.iter().filter(|it| it.span.meets(self.selection)).cloned().collect();
        draft::soften(self.document, &mut touched);
        touched
    }
}

/// Collects the actions of a handler.
struct Actions<'a> {
    handler: &'a Handler,
    resolve: Resolve,
    count: u32,
    list: &'a mut Vec<Action>,
}

/// An action without its edits.
struct Offer {
    title: String,
    diagnostic: Option<Diagnostic>,
    is_preferred: bool,
}

impl Actions<'_> {
    /// Adds an action whose edits are computed when they are needed. Without edits there is no action.
    fn add(&mut self, offer: Offer, edits: impl FnOnce() -> Option<Edits>) {
        let id = self.next_id();
        match self.resolve {
            Resolve::Later => self.push(id, offer, None),
            Resolve::One(other) if other != id => {}
            Resolve::Now | Resolve::One(_) => {
                if let Some(edits) = edits() {
                    self.push(id, offer, Some(edits));
                }
            }
        }
    }

    /// Adds an action whose edits are known.
    fn add_with(&mut self, offer: Offer, edits: Edits) {
        let id = self.next_id();
        if !matches!(self.resolve, Resolve::One(other) if other != id) {
            self.push(id, offer, Some(edits));
        }
    }

    fn next_id(&mut self) -> ActionId {
        self.count += 1;
        ActionId { handler: self.handler.name, index: self.count - 1 }
    }

    fn push(&mut self, id: ActionId, offer: Offer, edits: Option<Edits>) {
        let Offer { title, diagnostic, is_preferred } = offer;
        self.list.push(Action { id, title, kind: self.handler.kind, diagnostic, is_preferred, edits });
    }
}

/// The actions of some kinds for a selection.
pub fn actions(document: &Document, selection: Span, kinds: &[ActionKind], resolve: Resolve) -> Vec<Action> {
    let context = Context { document, selection };
    let mut list = vec![];
    for handler in HANDLERS.iter().filter(|it| kinds.contains(&it.kind)) {
        (handler.run)(&context, &mut Actions { handler, resolve, count: 0, list: &mut list });
    }
    document.without_secrets(list)
}

impl Quotes for Action {
    fn hide(&mut self, secrets: &Secrets) {
        let Action { id: _, title, kind: _, diagnostic, is_preferred: _, edits: _ } = self;
        let places = diagnostic.as_ref().map_or(vec![], Diagnostic::places);
        secrets.hide(&places, title);
        diagnostic.hide(secrets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const ALL: [ActionKind; 3] = [ActionKind::QuickFix, ActionKind::FixAll, ActionKind::Ignore];

    #[test]
    fn obvious_actions_come_first_and_ignore_comments_last() {
        let text = "type: task\ncommands: [a]\nbogus: 1\nhome_dir: /a\nspot: auto\n";
        let titles = |selection: Span| {
            let kinds = [ActionKind::QuickFix, ActionKind::Ignore];
            let actions = actions(&fixture::document(text), selection, &kinds, Resolve::Now);
            let title = |it: Action| format!("{}{}", if it.is_preferred { "*" } else { "" }, it.title);
            actions.into_iter().map(title).collect::<Vec<_>>()
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
    fn an_action_is_the_same_now_later_and_by_itself() {
        let text = "type: task\ncomands: [a]\nbogus: 1\nhome_dir: /a\nspot_policy: atuo\n";
        let document = fixture::document(text);
        let selection = Span::new(0, text.len() as u32);
        let now = actions(&document, selection, &ALL, Resolve::Now);
        let later = actions(&document, selection, &ALL, Resolve::Later);
        assert!(now.iter().any(|it| it.kind == ActionKind::FixAll && it.diagnostic.is_none()), "{now:#?}");
        assert!(later.iter().any(|it| it.edits.is_none()), "{later:#?}");
        assert_eq!(now.len(), later.len());
        for (now, later) in now.into_iter().zip(later) {
            assert_eq!(Action { edits: None, ..now.clone() }, Action { edits: None, ..later });
            let id: ActionId = now.id.to_string().parse().unwrap();
            assert_eq!(actions(&document, selection, &ALL, Resolve::One(id)), [now]);
        }
        for id in ["", "fix", "fix/", "fix/x", "none/0", "fix/99999999999999999999"] {
            assert!(id.parse::<ActionId>().is_err(), "{id}");
        }
        assert_eq!(actions(&document, selection, &ALL, Resolve::One("fix/99".parse().unwrap())), []);
    }
}
