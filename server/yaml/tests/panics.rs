//! The strict parser panics at some texts. It is never given one: a panic that is caught is printed all the same, at each
//! key. By itself in its process, as what is done with a panic holds for all threads.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use yaml::Grain;

/// A tag before a comma, where the strict parser would panic: nothing is printed, and the mistake is underlined.
#[test]
fn a_tag_before_a_comma_is_no_panic() {
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
