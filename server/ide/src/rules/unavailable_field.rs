//! Fields and words that the release in use does not have yet.

use schema::{Release, Status};
use yaml::write::Rewrite;

use super::{
    Rule, deprecated_field::outdated, is_mendable, offer, rejection, removal, replacement::is_renamed, safe::rename,
};
use crate::{
    bind::{Misfit, MisfitKind},
    diagnostic::{Applicability, Diagnostic},
    document::Document,
};

pub(super) const RULE: Rule = Rule { name: "unavailable-field", docs: DOCS, check };

const DOCS: &str = r#"
A field or word that a later release of dstack takes, but not the one in use: upgrade dstack, or do without it.

```yaml bad release=0.18.43
type: task
commands:
  - python train.py
priority: 50
```

```yaml release=0.19.10
type: task
commands:
  - python train.py
priority: 50
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    let release = document.release();
    for misfit in document.binding().misfits() {
        let Some((name, Status::Unavailable(since))) = outdated(document, misfit) else { continue };
        let former = former_name(misfit, name, release);
        let advice =
            former.map_or("upgrade dstack or remove it".into(), |it| format!("write `{it}`, as it was called"));
        let text = format!("`{name}` exists from dstack {since} on; {release} is in use: {advice}");
        let mut it = rejection(document, RULE.name, misfit, text);
        if is_mendable(document, acc, misfit) && matches!(misfit.kind, MisfitKind::Outdated(_)) {
            if let Some(former) = former {
                let rewrite = Rewrite::new(document.tree()).rename(misfit.node, former);
                offer(document, &mut it, rename(name, former), Applicability::Unsafe, rewrite);
            }
            removal(document, misfit.node, &mut it);
        }
        acc.push(it);
    }
}

/// The field of the release that a later one calls `name`, if the name is all that changed.
fn former_name(misfit: &Misfit, name: &str, release: Release) -> Option<&'static str> {
    let MisfitKind::Outdated(field) = misfit.kind else { return None };
    let fields = &schema::catalogue().mapping(field.mapping)?.fields;
    let is_former = |it: &&schema::Field| {
        let instead = it.deprecated.as_ref().and_then(|it| it.instead.as_deref());
        instead == Some(name) && is_renamed(&it.name) && matches!(it.status(release), Status::Current)
    };
    fields.iter().find(is_former).map(|it| &*it.name)
}
