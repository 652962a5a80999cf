//! The examples in the documentation of the rules are run.

use schema::{DocumentKind, Release};
use yaml::Text;

use super::all;
use crate::{diagnostic::diagnostics, document::Document};

#[test]
fn the_examples_of_the_docs_say_what_they_claim() {
    for rule in all() {
        let mut blocks = 0;
        let mut rest = rule.docs;
        while let Some(start) = rest.find("```yaml") {
            let (head, body) = rest[start + 7..].split_once('\n').unwrap();
            let (text, after) = body.split_once("```").unwrap();
            rest = after;
            blocks += 1;
            let release = head.split("release=").nth(1).map_or(Release::NEWEST, |it| it.trim().parse().unwrap());
            let document = Document::new(Text::new(text), DocumentKind::Configuration, release);
            let found: Vec<&str> = diagnostics(&document).iter().map(|it| it.rule).collect();
            if head.contains("bad") {
                assert_eq!(found, [rule.name], "{}:\n{text}", rule.name);
            } else {
                assert_eq!(found, [""; 0], "{}:\n{text}", rule.name);
            }
        }
        assert!(blocks >= 2, "`{}` has no examples", rule.name);
    }
}
