//! Code actions.

use ide::{ActionId, ActionKind};
use serde_json::{Value, json};
use tower_lsp::ls_types as lsp;
use yaml::Span;

use super::{
    number::{count, whole},
    view::View,
};

/// The kind of the action that applies all safe fixes of a document.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.dstack");

impl View<'_> {
    /// Code actions for a selection, in the order in which they are offered.
    pub(crate) fn actions(&self, actions: &[ide::Action], selection: Span) -> Vec<lsp::CodeActionOrCommand> {
        let action = |it| lsp::CodeActionOrCommand::CodeAction(self.action(it, selection));
        self.until_cancelled(actions).map(action).collect()
    }

    /// A code action for a selection. Without its edits, it carries what is needed to compute them.
    pub(crate) fn action(&self, action: &ide::Action, selection: Span) -> lsp::CodeAction {
        let unresolved = || {
            let Span { start, end } = selection;
            let document = json!({"uri": self.uri, "version": self.version});
            json!({"textDocument": document, "id": action.id.to_string(), "selection": [start, end]})
        };
        lsp::CodeAction {
            title: action.title.clone(),
            kind: Some(match action.kind {
                ActionKind::QuickFix | ActionKind::Ignore => lsp::CodeActionKind::QUICKFIX,
                ActionKind::FixAll => FIX_ALL,
            }),
            diagnostics: action.diagnostic.as_ref().map(|it| vec![self.diagnostic(it)]),
            edit: action.edits.as_ref().map(|it| self.workspace_edit(it)),
            is_preferred: action.is_preferred.then_some(true),
            data: action.edits.is_none().then(unresolved),
            ..Default::default()
        }
    }
}

/// What identifies an action that was sent without edits.
pub(crate) struct Unresolved {
    pub(crate) id: ActionId,
    /// The client's number of the version that it is about.
    pub(crate) version: Option<i32>,
    pub(crate) selection: Span,
}

impl Unresolved {
    /// From the `data` of an action, as it came back.
    pub(crate) fn parse(data: &Value) -> Result<Unresolved, &'static str> {
        let id = data["id"].as_str().and_then(|it| it.parse().ok()).ok_or("`data` needs the `id` of an action")?;
        let version = whole(&data["textDocument"]["version"]).and_then(|it| i32::try_from(it).ok());
        let end = |index: usize| count(&data["selection"][index]);
        let (Some(start), Some(end)) = (end(0), end(1)) else { return Err("`data` needs a `selection`") };
        Ok(Unresolved { id, version, selection: Span::new(start.min(end), end) })
    }
}

/// The kinds of action that a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// Fixes at the selection.
    pub(crate) quick_fixes: bool,
    /// All safe fixes of the document.
    pub(crate) fix_all: bool,
}

impl Kinds {
    /// The kinds of action to compute.
    pub(crate) fn list(self) -> Vec<ActionKind> {
        let quick = [ActionKind::QuickFix, ActionKind::Ignore].into_iter().filter(|_| self.quick_fixes);
        quick.chain(self.fix_all.then_some(ActionKind::FixAll)).collect()
    }

    /// From the `context` of a request, as it was sent. In `only`, a kind includes all kinds below it. Without `only`, all
    /// kinds are wanted; but if the editor asks by itself because the cursor moved, no action changes the whole document.
    pub(crate) fn parse(context: &Value) -> Kinds {
        let Some(only) = context["only"].as_array() else {
            let is_automatic = count(&context["triggerKind"]) == Some(2);
            return Kinds { quick_fixes: true, fix_all: !is_automatic };
        };
        let wants = |kind: &lsp::CodeActionKind| {
            let includes = |it: &str| {
                let rest = kind.as_str().strip_prefix(it);
                rest.is_some_and(|rest| it.is_empty() || rest.is_empty() || rest.starts_with('.'))
            };
            only.iter().filter_map(Value::as_str).any(includes)
        };
        Kinds { quick_fixes: wants(&lsp::CodeActionKind::QUICKFIX), fix_all: wants(&FIX_ALL) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kinds(context: Value) -> (bool, bool) {
        let it = Kinds::parse(&context);
        (it.quick_fixes, it.fix_all)
    }

    #[test]
    fn a_kind_includes_all_kinds_below_it() {
        for (only, expected) in [
            (json!(["quickfix"]), (true, false)),
            (json!(["source"]), (false, true)),
            (json!(["source.fixAll"]), (false, true)),
            (json!(["source.fixAll.dstack"]), (false, true)),
            (json!(["source.fixAll.ruff", "refactor"]), (false, false)),
            (json!(["source.fix"]), (false, false)),
            (json!([""]), (true, true)),
            (json!([]), (false, false)),
            (json!(["quickfix", 1]), (true, false)),
        ] {
            assert_eq!(kinds(json!({"only": only})), expected, "{only}");
        }
    }

    #[test]
    fn only_a_user_is_offered_to_change_the_whole_document() {
        assert_eq!(kinds(json!({"triggerKind": 2.0})), (true, false));
        for context in [json!({"triggerKind": 1}), json!({"triggerKind": "2"}), json!({}), json!(null)] {
            assert_eq!(kinds(context.clone()), (true, true), "{context}");
        }
    }
}
