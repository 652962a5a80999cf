//! What is being typed at a cursor.

use proptest::prelude::*;

use super::*;
use crate::fixture;

/// `key of PATH …` and `value at PATH …` for the cursor in the text.
fn typing(text: &str) -> String {
    let (text, offset) = fixture::cursor(text);
    let document = fixture::document(&text);
    let Some(typing) = Typing::at(&document, offset) else { return "nothing".into() };
    let tree = typing.document.tree();
    let mut out = vec![];
    if let Some(key) = &typing.key {
        let path = tree.path(key.mapping).to_string();
        let others = tree.entries(key.mapping).filter(|it| it.key != key.entry.key);
        let others: Vec<_> = others.map(|it| tree.value(it.key).to_owned()).collect();
        let mut line = format!("key of `{path}` beside {others:?}: {:?}", key.typed);
        let flags =
            [(key.colon, "colon"), (key.has_value, "value"), (key.flow, "flow"), (!key.lead.is_empty(), "lead")];
        flags.iter().filter(|it| it.0).for_each(|it| line.push_str(&format!(" {}", it.1)));
        out.push(line);
    }
    if let Some(value) = &typing.value {
        let path = tree.path(value.node).to_string();
        let mut line = format!("value of `{path}`: {:?}", value.text);
        line.insert(line.len() - 1 - value.text[value.at..].len(), '|');
        line.push_str(&format!(" {:?}", value.slot));
        if value.quoted {
            line.push_str(" quoted");
        }
        if !value.lead.is_empty() {
            line.push_str(&format!(" lead {:?}", value.lead));
        }
        out.push(line);
    }
    out.join("; ")
}

fn check(cases: &[(&str, &str)]) {
    let wrong = cases.iter().map(|(text, expected)| (text, typing(text), expected)).filter(|it| it.1 != *it.2);
    let wrong: Vec<_> = wrong.map(|it| format!("{}\n  is       {}\n  expected {}\n", it.0, it.1, it.2)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys() {
    check(&[
        ("$0", r#"key of `` beside []: ""; value of ``: "|" OwnLine"#),
        ("ty$0", r#"key of `` beside []: "ty"; value of ``: "ty|" OwnLine"#),
        ("type: task\nimag$0", r#"key of `` beside ["type"]: "imag""#),
        ("type: task\nimag$0\nname: x\n", r#"key of `` beside ["type", "name"]: "imag""#),
        ("type: task\r\nimag$0\r\nname: x\r\n", r#"key of `` beside ["type", "name"]: "imag""#),
        ("ty$0\nname: x\n", r#"key of `` beside ["name"]: "ty""#),
        ("$0\nname: x\n", r#"key of `` beside ["name"]: """#),
        ("name: x\n$0", r#"key of `` beside ["name"]: """#),
        (
            "type: task\nresources:\n  gpu: 24GB\n  cpu$0\n  memory: 16GB\nname: x\n",
            r#"key of `resources` beside ["gpu", "memory"]: "cpu""#,
        ),
        ("resources:\n  $0\nname: x\n", r#"key of `resources` beside []: ""; value of `resources`: "|" OwnLine"#),
        ("resources:\n  gpu: 24GB\n  $0\nname: x\n", r#"key of `resources` beside ["gpu"]: """#),
        ("resources:\n  gpu: 24GB\n\n  $0", r#"key of `resources` beside ["gpu"]: """#),
        ("resources:\n  gpu: 24GB\n$0\nname: x\n", r#"key of `` beside ["resources", "name"]: """#),
        ("resources:\n  gpu: 24GB\n\nna$0", r#"key of `` beside ["resources"]: "na""#),
        ("resou$0\n  gpu: 24GB\nname: x\n", r#"key of `` beside ["name"]: "resou" value"#),
        ("na$0me: x", r#"key of `` beside []: "na" colon value"#),
        ("$0name: x", r#"key of `` beside []: "" colon value"#),
        ("name$0: x", r#"key of `` beside []: "name" colon value"#),
        ("volumes:\n  - name: a\n    pa$0\n  - name: b\n", r#"key of `volumes[0]` beside ["name"]: "pa""#),
        ("volumes:\n  - na$0\n    path: b\n", r#"key of `volumes[0]` beside ["path"]: "na""#),
        ("volumes:\n  - $0\n    path: b\n", r#"key of `volumes[0]` beside ["path"]: """#),
        ("volumes:\n- path: b\n  $0\n", r#"key of `volumes[0]` beside ["path"]: """#),
        ("env:\n- A=1\n- B\nimag$0\nname: x\n", r#"key of `` beside ["env", "name"]: "imag""#),
        ("env:\n- A=1\n$0\nname: x\n", r#"key of `` beside ["env", "name"]: """#),
        ("a:\n  b:\n    c: 1\n  $0\n", r#"key of `a` beside ["b"]: """#),
        ("# hi\n\n$0", r#"key of `` beside []: ""; value of ``: "|" OwnLine"#),
        ("commands:\n  - |\n    a\n$0", r#"key of `` beside ["commands"]: """#),
        ("a: 1\nb: [1, 2\nc: 3\nd$0\n", r#"key of `` beside ["a", "c"]: "d""#),
    ]);
}

#[test]
fn values() {
    check(&[
        ("ide: $0", r#"value of `ide`: "|" Inline"#),
        ("ide:$0", r#"value of `ide`: "|" Inline lead " ""#),
        ("ide: vs$0\nname: x\n", r#"value of `ide`: "vs|" Inline"#),
        ("ide: v$0scode # why\n", r#"value of `ide`: "v|scode" Inline"#),
        ("ide: $0 # why\n", r#"value of `ide`: "|" Inline"#),
        ("a:\n  b: $0\n  c: 1\n", r#"value of `a.b`: "|" Inline"#),
        ("gpu: A100:$0\nname: x\n", r#"value of `gpu`: "A100:|" Inline"#),
        ("ide: \"vs$0\"\n", r#"value of `ide`: "vs|" Inline quoted"#),
        ("ide: 'vs$0\nname: x\n", r#"value of `ide`: "vs|" Inline quoted"#),
        ("a: @x$0\nc: 2\n", r#"value of `a`: "@x|" Inline"#),
        ("a: &x 1\nb: *$0\nc: 2\n", r#"value of `b`: "*|" Inline"#),
        ("a: &x v$0\n", r#"value of `a`: "v|" Inline"#),
        ("name: x\nide: ${{ $0\n", r#"value of `ide`: "${{ |" Inline"#),
    ]);
}

#[test]
fn items() {
    check(&[
        ("commands:\n  - $0\n", r#"key of `commands[0]` beside []: ""; value of `commands[0]`: "|" Item"#),
        (
            "commands:\n  - a\n  - $0\n  - b\n",
            r#"key of `commands[1]` beside []: ""; value of `commands[1]`: "|" Item"#,
        ),
        (
            "commands:\n  - a\n  -$0\n  - b\n",
            r#"key of `commands[1]` beside []: "" lead; value of `commands[1]`: "|" Item lead "- ""#,
        ),
        ("commands:\n  - pip inst$0\n", r#"value of `commands[0]`: "pip inst|" Item"#),
        ("env:\n  - HF$0\n", r#"key of `env[0]` beside []: "HF"; value of `env[0]`: "HF|" Item"#),
        ("ports:\n  - 8080:$0\n", r#"value of `ports[0]`: "8080:|" Item"#),
        ("ports:\n  - 8080:80$0\n", r#"value of `ports[0]`: "8080:80|" Item"#),
        (
            "backends:\n  - aws\n  $0\n",
            r#"key of `backends[1]` beside []: "" lead; value of `backends[1]`: "|" Item lead "- ""#,
        ),
        (
            "backends:\n  - aws\n  gc$0\n",
            r#"key of `backends[1]` beside []: "gc" lead; value of `backends[1]`: "gc|" Item lead "- ""#,
        ),
        ("backends:\n  $0\n", r#"key of `backends` beside []: ""; value of `backends`: "|" OwnLine"#),
        ("backends:\n  $0\n  - aws\n", r#"key of `backends` beside []: "" value"#),
        ("backends:\n- $0\n", r#"key of `backends[0]` beside []: ""; value of `backends[0]`: "|" Item"#),
        ("backends:\n  - \"a$0\"\n", r#"value of `backends[0]`: "a|" Item quoted"#),
    ]);
}

#[test]
fn brackets() {
    check(&[
        ("a: {$0}\n", r#"key of `a` beside []: "" flow"#),
        ("a: {gp$0}\n", r#"key of `a` beside []: "gp" flow"#),
        ("a: {gpu: 1, cp$0}\nb: 1\n", r#"key of `a` beside ["gpu"]: "cp" flow"#),
        ("a: {gpu: 1, cp$0: 2}\n", r#"key of `a` beside ["gpu"]: "cp" colon value flow"#),
        ("a: {gpu: $0}\n", r#"value of `a.gpu`: "|" Flow"#),
        ("a: {gpu:$0}\n", r#"value of `a.gpu`: "|" Flow lead " ""#),
        ("a: {gpu: 24$0GB, cpu: 1}\n", r#"value of `a.gpu`: "24|GB" Flow"#),
        ("a: {gpu: \"24$0\"}\n", r#"value of `a.gpu`: "24|" Flow quoted"#),
        ("a: [$0]\n", r#"value of `a[0]`: "|" Flow"#),
        ("a: [x, $0]\n", r#"value of `a[1]`: "|" Flow"#),
        ("a: [x, y$0, z]\n", r#"value of `a[1]`: "y|" Flow"#),
        ("a: [x,\n  y$0,\n  z]\n", r#"value of `a[1]`: "y|" Flow"#),
        ("a: [x,\ny$0\n]\n", r#"value of `a[1]`: "y|" Flow"#),
        ("a: {b: {$0}}\n", r#"key of `a.b` beside []: "" flow"#),
        ("ports: [8080, 80$0\nimage: y\n", r#"value of `ports[1]`: "80|" Flow"#),
        ("resources: {gpu: 24GB, c$0\nimage: y\n", r#"key of `resources` beside ["gpu"]: "c" flow"#),
        ("resources: {gpu: $0", r#"value of `resources.gpu`: "|" Flow"#),
        ("a: [{b: \"x$0\nc: d\n", r#"value of `a[0].b`: "x|" Flow quoted"#),
    ]);
}

#[test]
fn nothing() {
    let texts = [
        "# typ$0",
        "ide: vscode # why$0\n",
        "ide $0: vscode\n",
        "ide: \"vscode\"$0\n",
        "ide: $0  vscode\n",
        "  $0  ide: vscode\n",
        "name: x\n    gp$0\n",
        "name: x\n  $0\n",
        "a:\n    b: 1\n  $0\n",
        "resources: $0\n  gpu: A\n",
        "run: |$0\n  a\n",
        "run: |\n    a\n $0   b\n",
        "run: |\n    a\n  $0\n    b\n",
        "a: &anch$0or x\n",
        "\"na$0me\": x\n",
        "\t$0\n",
    ];
    check(&texts.map(|text| (text, "nothing")));
}

#[test]
fn the_dashes_of_a_scalar_are_not_the_dash_of_its_item() {
    check(&[
        ("env:\n  - ---$0\n", r#"key of `env[0]` beside []: ""; value of `env[0]`: "---|" Item"#),
        ("env:\n  - A=1\n  -B$0\n", r#"key of `env[1]` beside []: "B" lead; value of `env[1]`: "B|" Item lead "- ""#),
    ]);
}

proptest! {
    #[test]
    fn never_panics(text in r#"([a-c:\-\[\]{}"'|#&*!é \u{85}\u{a0}\u{2028}\u{feff}\t\r\n]|: |\n  |- |\n){0,40}"#) {
        let document = fixture::document(&text);
        for offset in 0..=text.len() as u32 + 1 {
            if let Some(typing) = Typing::at(&document, offset) {
                let spans = [typing.key.map(|it| it.span), typing.value.map(|it| it.span)];
                for span in spans.into_iter().flatten() {
                    prop_assert!(span.touches(offset));
                    prop_assert!(text.get(span.range()).is_some_and(|it| !it.contains(['\n', '\r'])));
                }
            }
        }
    }
}
