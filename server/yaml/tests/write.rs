//! Tests the law of `yaml::write`: after any change to any mapping, the text is valid, contains exactly the expected data,
//! and has every comment that was not on a removed line.

use proptest::{prelude::*, test_runner::RngSeed};
use yaml::{
    Kind, NodeId, Style, Text, Tree,
    write::{Place, Rewrite, Value},
};

fn parse(text: &str) -> Tree {
    yaml::parse(&Text::new(text), None).1
}

/// The data of a text, with their nodes.
#[derive(Clone, Debug)]
enum Data {
    Map(NodeId, Vec<(NodeId, String, Data)>),
    Seq(NodeId, Vec<Data>),
    Scalar(NodeId, String),
}

impl Data {
    fn of(tree: &Tree, id: NodeId) -> Data {
        match tree.kind(id) {
            Kind::Mapping => {
                let entries =
                    tree.entries(id).map(|it| (it.key, tree.value(it.key).to_string(), Data::of(tree, it.value)));
                Data::Map(id, entries.collect())
            }
            Kind::Sequence => Data::Seq(id, tree.items(id).map(|it| Data::of(tree, it)).collect()),
            _ => Data::Scalar(id, format!("{:?}", tree.scalar(id))),
        }
    }

    fn id(&self) -> NodeId {
        match self {
            Data::Map(id, _) | Data::Seq(id, _) | Data::Scalar(id, _) => *id,
        }
    }

    /// Returns the data as text, without the nodes.
    fn show(&self) -> String {
        match self {
            Data::Map(_, entries) => {
                let entries: Vec<String> = entries.iter().map(|(_, key, it)| format!("{key}={}", it.show())).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Data::Seq(_, items) => format!("[{}]", items.iter().map(Data::show).collect::<Vec<_>>().join(", ")),
            Data::Scalar(_, value) => value.clone(),
        }
    }

    fn of_value(value: &Value) -> Data {
        let text = format!("v: {}\n", value.inline(yaml::write::Context::Block));
        let tree = parse(&text);
        let Data::Map(_, mut entries) = Data::of(&tree, tree.root().expect("a root")) else { panic!("{text}") };
        let mut data = entries.remove(0).2;
        data.forget();
        data
    }

    /// Removes the nodes, which new data does not have.
    fn forget(&mut self) {
        match self {
            Data::Map(id, entries) => {
                *id = NodeId(u32::MAX);
                entries.iter_mut().for_each(|it| {
                    it.0 = NodeId(u32::MAX);
                    it.2.forget();
                });
            }
            Data::Seq(id, items) => {
                *id = NodeId(u32::MAX);
                items.iter_mut().for_each(Data::forget);
            }
            Data::Scalar(id, _) => *id = NodeId(u32::MAX),
        }
    }

    /// Calls `change` on each collection until it returns true.
    fn visit(&mut self, change: &mut dyn FnMut(&mut Data) -> bool) -> bool {
        if change(self) {
            return true;
        }
        match self {
            Data::Map(_, entries) => entries.iter_mut().any(|it| it.2.visit(change)),
            Data::Seq(_, items) => items.iter_mut().any(|it| it.visit(change)),
            Data::Scalar(..) => false,
        }
    }

    fn remove(&mut self, row: NodeId) -> Option<(String, Data)> {
        let mut found = None;
        self.visit(&mut |data| {
            match data {
                Data::Map(_, entries) => {
                    if let Some(at) = entries.iter().position(|it| it.0 == row) {
                        let (_, key, value) = entries.remove(at);
                        found = Some((key, value));
                    }
                }
                Data::Seq(_, items) => {
                    if let Some(at) = items.iter().position(|it| it.id() == row) {
                        found = Some((String::new(), items.remove(at)));
                    }
                }
                Data::Scalar(..) => {}
            }
            found.is_some()
        });
        found
    }

    fn add(&mut self, place: Place, key: &str, value: &Data) -> bool {
        self.visit(&mut |data| {
            let (id, at) = match (place, &*data) {
                (Place::End(id), Data::Map(it, list)) => (id == *it, list.len()),
                (Place::End(id), Data::Seq(it, list)) => (id == *it, list.len()),
                (Place::End(id), Data::Scalar(it, value)) if id == *it && value == "Some(Null)" => {
                    *data = match key {
                        "" => Data::Seq(id, vec![]),
                        _ => Data::Map(id, vec![]),
                    };
                    (true, 0)
                }
                (Place::Before(row) | Place::After(row), Data::Map(_, list)) => {
                    match list.iter().position(|it| it.0 == row) {
                        Some(at) => (true, at + usize::from(place == Place::After(row))),
                        None => (false, 0),
                    }
                }
                (Place::Before(row) | Place::After(row), Data::Seq(_, list)) => {
                    match list.iter().position(|it| it.id() == row) {
                        Some(at) => (true, at + usize::from(place == Place::After(row))),
                        None => (false, 0),
                    }
                }
                _ => (false, 0),
            };
            if id {
                // Entries added after the same row are in the order of the calls, followed by entries added at the end.
                let after = matches!(place, Place::After(_));
                let mark = NodeId(if after { ADDED_AFTER } else { u32::MAX });
                let mut value = value.clone();
                match data {
                    Data::Map(_, list) => {
                        let at = at + list[at..].iter().take_while(|it| after && it.0.0 == ADDED_AFTER).count();
                        list.insert(at, (mark, key.to_string(), value));
                    }
                    Data::Seq(_, list) => {
                        let at = at + list[at..].iter().take_while(|it| after && it.id().0 == ADDED_AFTER).count();
                        match &mut value {
                            Data::Map(id, _) | Data::Seq(id, _) | Data::Scalar(id, _) => *id = mark,
                        }
                        list.insert(at, value);
                    }
                    Data::Scalar(..) => {}
                }
            }
            id
        })
    }
}

const ADDED_AFTER: u32 = u32::MAX - 1;

/// A stream of choices. At its end it returns zeros, which is what shrinking leads to.
struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
    names: usize,
}

impl Choices<'_> {
    fn below(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte as usize % n
    }
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}{}", self.names)
    }
    /// Returns a comment, or an empty string.
    fn comment(&mut self) -> String {
        if self.below(4) == 1 { format!(" # {}", self.name("c")) } else { String::new() }
    }
}

/// A generated file with the usual variety of lines.
struct File<'a> {
    choices: Choices<'a>,
    lines: Vec<String>,
}

impl File<'_> {
    fn between(&mut self, indent: usize) {
        for _ in 0..2 {
            match self.choices.below(8) {
                1 => self.lines.push(String::new()),
                2 | 3 => {
                    let name = self.choices.name("own");
                    self.lines.push(format!("{}# {name}", " ".repeat(indent)));
                }
                4 if self.choices.below(3) == 1 => {
                    let name = self.choices.name("deep");
                    self.lines.push(format!("{}# {name}", " ".repeat(indent + 2)));
                }
                5 if self.choices.below(4) == 1 => self.lines.push(" ".repeat(indent + 4)),
                _ => {}
            }
        }
    }

    fn mapping(&mut self, indent: usize, depth: usize, mut before: Option<String>) {
        for i in 0..1 + self.choices.below(4) {
            if before.is_none() && (i > 0 || depth > 0) {
                self.between(indent);
            }
            let head = before.take().unwrap_or_else(|| " ".repeat(indent));
            let key = match self.choices.below(6) {
                1 => format!("'{}'", self.choices.name("k")),
                2 => format!("\"{} 1\"", self.choices.name("k")),
                _ => self.choices.name("k"),
            };
            self.value(format!("{head}{key}:"), indent, depth, false);
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize, mut before: Option<String>) {
        for _ in 0..1 + self.choices.below(3) {
            if before.is_none() {
                self.between(indent);
            }
            let head = before.take().unwrap_or_else(|| " ".repeat(indent));
            self.value(format!("{head}-"), indent, depth, true);
        }
    }

    fn value(&mut self, head: String, indent: usize, depth: usize, item: bool) {
        let comment = self.choices.comment();
        let indentation = " ".repeat(indent);
        let kinds = if depth < 3 { 18 } else { 13 };
        match self.choices.below(kinds) {
            0 | 1 => self.lines.push(format!("{head} x{comment}")),
            2 => self.lines.push(format!("{head} 5{comment}")),
            3 => self.lines.push(format!("{head} \"a # b\\n\"{comment}")),
            4 => self.lines.push(format!("{head} 'it''s'{comment}")),
            5 => self.lines.push(format!("{head}{comment}")),
            6 => {
                let flow = self.flow(0);
                self.lines.push(format!("{head} {flow}{comment}"));
            }
            7 => self.multi_line_flow(head, indent),
            8..=10 => {
                let header = ["|", "|-", "|+", ">", ">-", ">+", "|2"][self.choices.below(7)];
                let deeper = if header.ends_with('2') { 2 } else { 1 + self.choices.below(3) };
                self.lines.push(format!("{head} {header}{comment}"));
                for _ in 0..1 + self.choices.below(3) {
                    let text = ["text", "", "  more", "# no comment", "text  "][self.choices.below(5)];
                    let text = if self.lines.last().is_some_and(|it| it.ends_with(&comment) && it.contains(header)) {
                        "first"
                    } else {
                        text
                    };
                    self.lines
                        .push(format!("{indentation}{}{text}", " ".repeat(deeper)).trim_end_matches(' ').to_string());
                }
                for _ in 0..self.choices.below(3) {
                    self.lines.push(String::new());
                }
            }
            11 => {
                self.lines.push(format!("{head} two"));
                self.lines.push(format!("{indentation}  lines{comment}"));
            }
            12 => {
                self.lines.push(format!("{head}{comment}"));
                self.lines.push(format!("{indentation}  'below'"));
            }
            13 | 14 if item => self.mapping(indent + 2, depth + 1, Some(format!("{head} "))),
            15 if item => self.sequence(indent + 2, depth + 1, Some(format!("{head} "))),
            13 | 14 => {
                self.lines.push(format!("{head}{comment}"));
                self.mapping(indent + 2, depth + 1, None);
                self.below(indent);
            }
            15 | 16 => {
                self.lines.push(format!("{head}{comment}"));
                let deeper = if item { 2 } else { [0, 2][self.choices.below(2)] };
                self.sequence(indent + deeper, depth + 1, None);
            }
            _ => {
                self.lines.push(format!("{head}{comment}"));
                self.mapping(indent + 4, depth + 1, None);
                self.below(indent);
            }
        }
    }

    fn below(&mut self, indent: usize) {
        if self.choices.below(4) == 1 {
            let name = self.choices.name("below");
            self.lines.push(format!("{}# {name}", " ".repeat(indent + 2)));
        }
    }

    fn flow(&mut self, depth: usize) -> String {
        let n = self.choices.below(4);
        let mapping = self.choices.below(2) == 0;
        let space = if self.choices.below(3) == 1 { " " } else { "" };
        let mut parts = vec![];
        for _ in 0..n {
            let value = match self.choices.below(if depth < 2 { 5 } else { 3 }) {
                0 => "x".to_string(),
                1 => "5".to_string(),
                2 => "'a, b'".to_string(),
                _ => self.flow(depth + 1),
            };
            let key = self.choices.name("k");
            parts.push(match (mapping, self.choices.below(6)) {
                (false, _) => value,
                (true, 1) => format!("\"{key}\":{value}"),
                (true, 2) => format!("{key}: "),
                (true, _) => format!("{key}: {value}"),
            });
        }
        let comma = if n > 0 && self.choices.below(5) == 1 { "," } else { "" };
        let parts = parts.join(", ");
        if mapping { format!("{{{space}{parts}{comma}{space}}}") } else { format!("[{space}{parts}{comma}{space}]") }
    }

    fn multi_line_flow(&mut self, head: String, indent: usize) {
        let mapping = self.choices.below(2) == 0;
        let (open, close) = if mapping { ("{", "}") } else { ("[", "]") };
        let comment = self.choices.comment();
        self.lines.push(format!("{head} {open}{comment}"));
        let n = 1 + self.choices.below(3);
        for i in 0..n {
            if self.choices.below(5) == 1 {
                let name = self.choices.name("own");
                self.lines.push(format!("{}# {name}", " ".repeat(indent + 2)));
            }
            let value = self.flow(1);
            let key = if mapping { format!("{}: ", self.choices.name("k")) } else { String::new() };
            let comma = if i + 1 < n || self.choices.below(2) == 1 { "," } else { "" };
            let comment = self.choices.comment();
            self.lines.push(format!("{}{key}{value}{comma}{comment}", " ".repeat(indent + 2)));
        }
        if self.choices.below(3) == 1 && !self.lines.last().is_some_and(|it| it.contains('#')) {
            self.lines.last_mut().expect("lines").push_str(close);
        } else {
            self.lines.push(format!("{}{close}", " ".repeat(indent + 1)));
        }
    }
}

fn file(bytes: &[u8]) -> (String, Choices<'_>) {
    let mut file = File { choices: Choices { bytes, at: 0, names: 0 }, lines: vec![] };
    let eols = [["\n", "\n"], ["\r\n", "\r\n"], ["\n", "\n"], ["\r\n", "\n"], ["\n", "\r\n"]][file.choices.below(5)];
    let last = file.choices.below(4) != 1;
    if file.choices.below(3) == 1 {
        file.lines.push("# the file".to_string());
    }
    file.mapping(0, 0, None);
    // Files edited on several systems may have both kinds of line breaks.
    let mut text = String::new();
    for (i, line) in file.lines.iter().enumerate() {
        text.push_str(line);
        if last || i + 1 < file.lines.len() {
            text.push_str(eols[usize::from(i % 3 == 1)]);
        }
    }
    (text, file.choices)
}

/// Adds one change, and applies it to the data; `None` if it does not apply.
fn change<'t>(
    rewrite: Rewrite<'t>,
    tree: &'t Tree,
    choices: &mut Choices<'_>,
    data: &mut Data,
    lost: &mut Vec<(u32, u32)>,
    log: &mut Vec<String>,
) -> Option<Rewrite<'t>> {
    let rows: Vec<NodeId> = tree
        .ids()
        .filter(|it| match tree.parent(*it).map(|it| tree.kind(it)) {
            Some(Kind::Mapping) => tree.entry_of(*it).is_some_and(|entry| entry.key == *it),
            Some(Kind::Sequence) => true,
            _ => false,
        })
        .collect();
    let row = rows[choices.below(rows.len())];
    let entry = tree.entry_of(row);
    let value = entry.map_or(row, |it| it.value);
    let new = [
        Value::from("new"),
        Value::from("off"),
        Value::raw("5"),
        Value::Mapping(vec![("n1".into(), Value::from("a, b")), ("n2".into(), Value::raw("8"))]),
        Value::Sequence(vec![
            Value::from("i1"),
            Value::Mapping(vec![("n3".into(), "x: y".into()), ("n4".into(), Value::raw(""))]),
        ]),
    ][choices.below(5)]
    .clone();
    let new_data = Data::of_value(&new);
    let block = |id: NodeId| tree.style(id) == Style::Block;
    // The lines of a row, with the deeper comments below its nested lines.
    let row_lines = |row: NodeId| {
        let end = tree.entry_of(row).map_or(row, |it| it.value);
        let mut last = tree.span(end).end.max(tree.span(row).end);
        let item = tree.entry_of(row).is_none() && tree.parent(row).is_some_and(block);
        let start = tree.span(row).start;
        let start = if item { tree.source()[..start as usize].rfind('-').map_or(start, |it| it as u32) } else { start };
        if block(end) {
            let column = start - line_start(tree, start);
            for comment in tree.comments() {
                let from = comment.span.start - line_start(tree, comment.span.start);
                let gap = &tree.source()[last.min(comment.span.start) as usize..comment.span.start as usize];
                let direct = comment.span.start > last && gap.trim().is_empty();
                if direct && (from > column || !comment.own_line) {
                    last = comment.span.end;
                }
            }
        }
        (line_start(tree, start), line_end(tree, last))
    };
    match choices.below(9) {
        0 | 1 => {
            data.remove(row)?;
            lost.push(row_lines(row));
            log.push(format!("remove {:?}", tree.text(row)));
            Some(rewrite.remove(row))
        }
        2 => {
            data.remove(row)?;
            log.push(format!("remove keeping comments {:?}", tree.text(row)));
            let inside = tree.context_is_flow(row) || tree.style(tree.parent(row)?) == Style::Flow;
            if inside {
                lost.push(row_lines(row));
            }
            Some(rewrite.remove_keeping_comments(row))
        }
        3 | 4 => {
            let found = data.visit(&mut |it| {
                let here = it.id() == value;
                if here {
                    *it = new_data.clone();
                }
                here
            });
            log.push(format!("set {:?} to {new:?}", tree.text(value)));
            let span = tree.span(value);
            lost.push((span.start, span.end));
            if block(value) {
                lost.push(row_lines(row));
                // The comment after the key stays.
                lost.last_mut()?.0 = span.start;
            }
            found.then_some(rewrite.set(value, new))
        }
        5 => {
            let entry = entry?;
            data.visit(&mut |it| match it {
                Data::Map(_, list) => {
                    list.iter_mut().find(|it| it.0 == row).map(|it| it.1 = "new key: x".into()).is_some()
                }
                _ => false,
            });
            log.push(format!("rename {:?}", tree.text(row)));
            Some(rewrite.rename(entry.key, "new key: x"))
        }
        6 | 7 => {
            let place = match choices.below(4) {
                0 => Place::Before(row),
                1 => Place::After(row),
                2 if !matches!(tree.kind(value), Kind::Scalar) || tree.value(value).is_empty() => Place::End(value),
                _ => Place::End(tree.root()?),
            };
            let holder = match place {
                Place::End(id) => tree.kind(id),
                _ => tree.kind(tree.parent(row)?),
            };
            log.push(format!("insert {place:?} at {:?} {new:?}", tree.text(row)));
            if holder == Kind::Sequence {
                data.add(place, "", &new_data).then(|| rewrite.insert_item(place, new))
            } else {
                data.add(place, "new", &new_data).then(|| rewrite.insert(place, "new", new))
            }
        }
        _ => {
            entry?;
            let mappings: Vec<NodeId> = tree.ids().filter(|it| tree.kind(*it) == Kind::Mapping).collect();
            let to = mappings[choices.below(mappings.len())];
            if tree.ancestors(to).any(|it| it == value) || tree.parent(row) == Some(to) {
                return None;
            }
            log.push(format!("move {:?} into {:?}", tree.text(row), tree.text(to)));
            let (key, value) = data.remove(row)?;
            data.add(Place::End(to), &key, &value).then(|| rewrite.move_entry(row, Place::End(to)))
        }
    }
}

trait ContextIsFlow {
    fn context_is_flow(&self, id: NodeId) -> bool;
}

impl ContextIsFlow for Tree {
    fn context_is_flow(&self, id: NodeId) -> bool {
        self.ancestors(id).skip(1).any(|it| self.style(it) == Style::Flow)
    }
}

fn line_start(tree: &Tree, at: u32) -> u32 {
    tree.source()[..at as usize].rfind('\n').map_or(0, |it| it as u32 + 1)
}

fn line_end(tree: &Tree, at: u32) -> u32 {
    tree.source()[at as usize..].find(['\r', '\n']).map_or(tree.source().len() as u32, |it| at + it as u32)
}

/// Checks one file and some changes of it. Returns whether they could be made.
fn check(bytes: &[u8], n_changes: usize) -> Result<bool, TestCaseError> {
    let (text, mut choices) = file(bytes);
    let tree = parse(&text);
    prop_assert!(tree.problems().is_empty(), "the generator is wrong: {:?}\n{text}", tree.problems());
    let root = tree.root().expect("a root");
    let mut data = Data::of(&tree, root);
    let mut rewrite = Rewrite::new(&tree);
    let (mut lost, mut log) = (vec![], vec![]);
    for _ in 0..n_changes {
        match change(rewrite, &tree, &mut choices, &mut data, &mut lost, &mut log) {
            Some(it) => rewrite = it,
            None => return Ok(false),
        }
    }
    let Some(edits) = rewrite.finish() else { return Ok(false) };
    let after = edits.apply(&text);
    let shown = format!("{log:?}\n--- before\n{text}\n--- after\n{after}\n---\n{edits:?}");
    let now = parse(&after);
    prop_assert!(now.problems().is_empty(), "does not load: {:?}\n{shown}", now.problems());
    let found = now.root().map_or(String::new(), |it| Data::of(&now, it).show());
    prop_assert_eq!(found, data.show(), "other data: {}", shown);
    let comments: Vec<&str> = now.comments().iter().map(|it| &now.source()[it.span.range()]).collect();
    for comment in tree.comments() {
        let own = &text[comment.span.range()];
        let gone = lost.iter().any(|it| it.0 <= comment.span.start && comment.span.end <= it.1);
        // An entry that is moved to the place of a removed one may bring its comment before the one that stays there.
        let found = comments.iter().any(|it| it.ends_with(own) || it.starts_with(&format!("{own} ")));
        prop_assert!(gone || found, "{own} is lost: {shown}");
    }
    let all_are_crlf = |it: &str| it.matches('\n').count() == it.matches("\r\n").count();
    let crlf = text.contains("\r\n") && all_are_crlf(&text);
    prop_assert!(!crlf || all_are_crlf(&after), "line breaks: {shown}");
    Ok(true)
}

/// Runs the same cases each time, and others with `PROPTEST_CASES`.
fn config(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), ..config },
    }
}

/// The law is only meaningful if most changes can be made.
#[test]
fn most_changes_can_be_made() {
    let (mut made, mut seed) = (0, 7u32);
    for _ in 0..500 {
        let bytes = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        let bytes: Vec<u8> = bytes.take(120).collect();
        made += usize::from(check(&bytes, 1).expect("the law holds"));
    }
    assert!(made > 350, "only {made} of 500");
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn one_change(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        check(&bytes, 1)?;
    }

    #[test]
    fn three_changes_at_once(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        check(&bytes, 3)?;
    }
}

/// Checks that nothing panics on any text, and that valid text stays valid.
fn check_soup(text: &str, choices: &mut Choices<'_>) -> Result<(), TestCaseError> {
    let tree = parse(text);
    if tree.is_empty() {
        return Ok(());
    }
    let node = |choices: &mut Choices<'_>| NodeId((choices.below(256) % tree.len()) as u32);
    let mut rewrite = Rewrite::new(&tree);
    let mut log = vec![];
    for _ in 0..1 + choices.below(3) {
        let (one, two) = (node(choices), node(choices));
        let value = [
            Value::from("a: b"),
            Value::raw("5"),
            Value::Mapping(vec![("n".into(), Value::raw("1")), ("m".into(), "x".into())]),
            Value::Sequence(vec!["x".into(), "y".into()]),
        ][choices.below(4)]
        .clone();
        let place = [Place::Before(two), Place::After(two), Place::End(two), Place::Root][choices.below(4)];
        let what = choices.below(9);
        log.push(format!("{what} {:?} {:?} {place:?}", tree.text(one), tree.text(two)));
        let part = tree.value(one).char_indices().map(|it| it.0).nth(choices.below(4)).unwrap_or(0);
        rewrite = match what {
            0 | 1 => rewrite.remove(one),
            2 => rewrite.remove_keeping_comments(one),
            3 => rewrite.set(one, value),
            4 => rewrite.rename(one, "new"),
            5 => rewrite.insert(place, "new", value),
            6 => rewrite.insert_item(place, value),
            7 => rewrite.move_entry(one, place),
            _ => rewrite.set_part(one, part..tree.value(one).len(), "x: y"),
        };
        let _ = yaml::Spelling::of(&tree, one).map(|it| it.source(0..tree.value(one).len()));
    }
    let Some(edits) = rewrite.finish() else { return Ok(()) };
    let after = edits.apply(text);
    if tree.problems().is_empty() {
        let now = parse(&after);
        prop_assert!(
            now.problems().is_empty(),
            "{:?}\n{log:?}\n--- before\n{text}\n--- after\n{after}\n---\n{edits:?}",
            now.problems()
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn nothing_panics_and_valid_text_stays_valid(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "b: ", "- ", "\n", "\n", "\n  ", "\n    ", "c:", "d: 1", "- x", "{", "}", "[", "]", ", ", "? ", ": ", "|", ">-", "|+\n",
            "&x ", "*x", "!!str ", "# c", " # d", "'", "\"", "\\", "é", "\r\n", "\r", "\u{2028}", "\u{feff}", "---\n", "...\n", "\t", "<<: ",
            "{a: 1, b: 2}", "[1, 2]", "'q'", "k: |\n  t\n", "\n\n",
        ]), 0..14),
        bytes in prop::collection::vec(any::<u8>(), 24),
    ) {
        let text = parts.concat();
        check_soup(&text, &mut Choices { bytes: &bytes, at: 0, names: 0 })?;
    }

    #[test]
    fn nothing_panics_on_a_cut_file(bytes in prop::collection::vec(any::<u8>(), 0..120), cut in any::<usize>()) {
        let (text, mut choices) = file(&bytes);
        let cut = cut % (text.len() + 1);
        if text.is_char_boundary(cut) {
            check_soup(&text[..cut], &mut choices)?;
        }
    }
}
