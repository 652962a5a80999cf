//! The file is no YAML, so that dstack cannot read it.

use yaml::Path;

use super::Rule;
use crate::{
    diagnostic::{Diagnostic, Severity, Stage},
    document::Document,
};

pub(super) const RULE: Rule = Rule { name: "syntax-error", docs: DOCS, check };

const DOCS: &str = r#"
The text is not YAML as dstack reads it (YAML 1.1, with PyYAML), so that dstack sees nothing of the file. An unclosed
bracket or quote, a tab used as indentation, or a second document after `---` are the usual reasons.

```yaml bad
type: task
commands: [python train.py
```

```yaml
type: task
commands: [python train.py]
```
"#;

fn check(document: &Document, acc: &mut Vec<Diagnostic>) {
    for problem in document.tree().problems() {
        let node = document.tree().node_at(problem.span.start);
        acc.push(Diagnostic {
            rule: RULE.name,
            stage: Stage::Parse,
            severity: Severity::Error,
            message: problem.message.clone(),
            span: problem.span,
            path: node.map_or(Path::default(), |node| document.tree().path(node)),
            related: problem.related.clone().into_iter().collect(),
            tag: None,
            fixes: vec![],
        });
    }
}
