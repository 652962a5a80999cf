//! Code actions.

use ide::ActionKind;
use serde_json::Value;
use tower_lsp::ls_types as lsp;

use super::{number::count, view::View};

/// The kind of the action that applies all safe fixes of a document.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.dstack");

impl View<'_> {
    /// Code actions, in the order in which they are offered.
    pub(crate) fn actions(&self, actions: &[ide::Action]) -> Vec<lsp::CodeActionOrCommand> {
        let action = |it| lsp::CodeActionOrCommand::CodeAction(self.action(it));
        self.until_cancelled(actions).map(action).collect()
    }

    fn action(&self, action: &ide::Action) -> lsp::CodeAction {
        lsp::CodeAction {
            title: action.title.clone(),
            kind: Some(match action.kind {
                ActionKind::QuickFix | ActionKind::Ignore => lsp::CodeActionKind::QUICKFIX,
                ActionKind::FixAll => FIX_ALL,
            }),
            diagnostics: action.diagnostic.as_ref().map(|it| vec![self.diagnostic(it)]),
            edit: action.edits.as_ref().map(|it| self.workspace_edit(it)),
            is_preferred: action.is_preferred.then_some(true),
            ..Default::default()
        }
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
