//! Code actions.

use tower_lsp::ls_types as lsp;
use yaml::Edits;

use super::view::View;

/// Safe fixes of the whole file.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.dstack");

impl View<'_> {
    /// What can be done: fixes at a place, and all safe fixes of the file.
    pub(crate) fn actions(
        &self,
        actions: &[ide::Action],
        fixed: Option<Edits>,
        wanted: Wanted,
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
            |ignores: bool| self.until_cancelled(actions).filter(move |it| wanted.quick_fixes && it.ignores == ignores);
        acc.extend(of_place(false).map(quick_fix));
        if let Some(edits) = fixed.filter(|edits| wanted.fix_all && !edits.is_empty()) {
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

/// Which kinds of action are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Fixes at the place.
    pub(crate) quick_fixes: bool,
    /// All safe fixes of the file.
    pub(crate) fix_all: bool,
}

impl Wanted {
    /// From `context.only`: a kind stands for itself and all below it, none for everything. One who asks for everything
    /// because the cursor moved is not offered to change the whole file.
    pub(crate) fn of(context: &lsp::CodeActionContext) -> Wanted {
        let Some(only) = &context.only else {
            let automatic = context.trigger_kind == Some(lsp::CodeActionTriggerKind::AUTOMATIC);
            return Wanted { quick_fixes: true, fix_all: !automatic };
        };
        let wants = |kind: &lsp::CodeActionKind| {
            let below = |it: &str| {
                kind.as_str()
                    .strip_prefix(it)
                    .is_some_and(|rest| it.is_empty() || rest.is_empty() || rest.starts_with('.'))
            };
            only.iter().any(|it| below(it.as_str()))
        };
        Wanted { quick_fixes: wants(&lsp::CodeActionKind::QUICKFIX), fix_all: wants(&FIX_ALL) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_stands_for_all_below_it() {
        let wanted = |only: &[&'static str]| {
            let only = Some(only.iter().map(|it| lsp::CodeActionKind::new(it)).collect());
            let it = Wanted::of(&lsp::CodeActionContext { only, ..Default::default() });
            (it.quick_fixes, it.fix_all)
        };
        assert_eq!(wanted(&["quickfix"]), (true, false));
        assert_eq!(wanted(&["source"]), (false, true));
        assert_eq!(wanted(&["source.fixAll"]), (false, true));
        assert_eq!(wanted(&["source.fixAll.dstack"]), (false, true));
        assert_eq!(wanted(&["source.fixAll.ruff", "refactor"]), (false, false));
        assert_eq!(wanted(&["source.fix"]), (false, false));
        assert_eq!(wanted(&[""]), (true, true));
        assert_eq!(wanted(&[]), (false, false));
    }
}
