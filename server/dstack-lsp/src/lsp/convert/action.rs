//! Code actions.

use serde_json::Value;
use tower_lsp::ls_types as lsp;
use yaml::Edits;

use super::{number::count, view::View};

/// Safe fixes of the whole file.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.dstack");

impl View<'_> {
    /// What can be done: fixes at a place, and all safe fixes of the file.
    pub(crate) fn actions(
        &self,
        actions: &[ide::Action],
        fixed: Option<Edits>,
        kinds: Kinds,
    ) -> Vec<lsp::CodeActionOrCommand> {
        let mut acc = vec![];
        let quick_fix = |action: &ide::Action| lsp::CodeAction {
            title: action.title.clone(),
            kind: Some(lsp::CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![self.diagnostic(&action.diagnostic)]),
            edit: Some(self.workspace_edit(&action.edits)),
            is_preferred: action.preferred.then_some(true),
            ..Default::default()
        };
        let of_place =
            |ignores: bool| self.until_cancelled(actions).filter(move |it| kinds.quick_fixes && it.ignores == ignores);
        acc.extend(of_place(false).map(quick_fix));
        if let Some(edits) = fixed.filter(|edits| kinds.fix_all && !edits.is_empty()) {
            acc.push(lsp::CodeAction {
                title: "Apply all safe fixes".to_owned(),
                kind: Some(FIX_ALL),
                edit: Some(self.workspace_edit(&edits)),
                ..Default::default()
            });
        }
        // Clients offer the first one, and take it where it is the only one.
        acc.extend(of_place(true).map(quick_fix));
        acc.into_iter().map(lsp::CodeActionOrCommand::CodeAction).collect()
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
