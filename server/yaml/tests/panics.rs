//! Tests that the input of the strict parser never makes it panic, as some texts would: a panic is printed even if it is
//! caught. In a process of its own, since a panic hook applies to all threads.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use yaml::Grain;

/// At a tag before a comma, where the strict parser would panic, nothing is printed and the mistake is reported.
#[test]
fn a_tag_before_a_comma_does_not_panic() {
    let panics = Arc::new(AtomicUsize::new(0));
    let count = panics.clone();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        let foreign = info.location().is_some_and(|it| it.file().contains("libyaml-safer"));
        count.fetch_add(usize::from(foreign), Ordering::Relaxed);
    }));
    let said = |text: &str| {
        let tree = common::tree(text, Grain::DEFAULT);
        tree.problems().iter().map(|it| text[it.span.range()].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said("commands: [!x,b]"), ["!x"]);
    assert_eq!(said("{type: task, commands: [echo], name: !!str, image: a}"), ["!!str"]);
    assert_eq!(said("env: [!, A]"), ["!"]);
    assert_eq!(said("env: {A: !!str,}"), ["!!str"]);
    assert_eq!(said("[&a !!str,b]\n"), ["!!str"]);
    assert_eq!(said("[!!str # x\n, b]"), [""; 0]);
    assert_eq!(said("[!!str say !x, b, !!str 'c !x', d]"), [""; 0]);
    assert_eq!(said("[say !x, b, 'c !x, d', \"!x,\"]"), [""; 0]);
    assert_eq!(said("a: [!!str, b]\nc: say !x, d\n"), ["!!str"]);
    assert_eq!(panics.load(Ordering::Relaxed), 0);
}
