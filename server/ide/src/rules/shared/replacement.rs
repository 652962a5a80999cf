//! The replacements of outdated fields: fixes that keep the meaning of the file.
//!
//! ```yaml
//! termination_policy: destroy-after-idle
//! termination_idle_time: 30m # or less
//! ```
//! ⇒
//! ```yaml
//! idle_duration: 30m # or less
//! ```
//!
//! The meaning is that of 0.18.34 to 0.18.44 (`get_termination` and `get_retry` in `core/services/profiles.py`); later
//! releases ignore or reject the fields.

use schema::{Field, Release, Status, grammar::duration};
use yaml::{
    Entry, Kind, NodeId, Scalar, Style, Tree,
    write::{Place, Rewrite, Value},
};

use crate::{
    bind::{self, python_value, slots},
    diagnostic::Applicability,
    document::Document,
    expected::quoted,
    fixes::{Fixes, Removal, renaming, replacing},
};

/// Offers the replacement of the outdated field with this key, if there is one that keeps the meaning.
pub(crate) fn offer(document: &Document, key: NodeId, field: &Field, acc: &mut Fixes<'_>) {
    let tree = document.tree();
    let Some(mapping) = tree.parent(key).filter(|it| tree.kind(*it) == Kind::Mapping) else { return };
    let scope = Scope { document, tree, mapping };
    let change = match &*field.name {
        "termination_policy" | "termination_idle_time" => scope.termination(),
        "retry_policy" => scope.retry_policy(),
        "setup" => scope.setup(key),
        "networking" => scope.networking(),
        _ => scope.other(field),
    };
    if let Some(Change { title, applicability, rewrite }) = change {
        acc.offer(title, applicability, rewrite);
    }
}

/// A change to be offered.
struct Change<'t> {
    title: String,
    applicability: Applicability,
    rewrite: Rewrite<'t>,
}

fn safe(title: String, rewrite: Rewrite<'_>) -> Option<Change<'_>> {
    Some(Change { title, applicability: Applicability::Safe, rewrite })
}

/// When instances are terminated, according to the outdated fields.
#[derive(Clone, Debug, PartialEq)]
enum Idle {
    /// Never.
    Off,
    /// After the time that is written in `termination_idle_time`.
    AsWritten,
    /// After this time.
    After(String),
}

/// What an `idle_duration` next to the outdated fields says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Current {
    Unset,
    Off,
    Time,
}

/// The mapping with an outdated field.
struct Scope<'a> {
    document: &'a Document,
    tree: &'a Tree,
    mapping: NodeId,
}

impl<'a> Scope<'a> {
    fn rewrite(&self) -> Rewrite<'a> {
        Rewrite::new(self.tree)
    }

    /// A field whose deprecation says all.
    fn other(&self, field: &Field) -> Option<Change<'a>> {
        let name = &*field.name;
        let entry = self.only(name)?;
        let instead = field.deprecated.as_ref().and_then(|it| it.instead.as_deref());
        let release = self.document.release();
        let is_ignored = matches!(field.status(release), Status::Ignored(_));
        match instead.filter(|it| self.accepts(it)) {
            Some(instead) if !is_ignored && self.only(instead).is_none() && field.is_renamed() => {
                safe(renaming(name, instead), self.rewrite().rename(entry.key, instead))
            }
            _ if field.is_no_op(release) => self.without_effect(entry),
            _ => Some(Change {
                title: format!("Remove `{name}`"),
                applicability: Applicability::Unsafe,
                rewrite: self.rewrite().remove(entry.key),
            }),
        }
    }

    /// Removes a field that has no effect. Commands, and any value longer than a word, are likely to belong somewhere else.
    fn without_effect(&self, entry: Entry) -> Option<Change<'a>> {
        let (tree, value) = (self.tree, entry.value);
        let is_empty = match tree.kind(value) {
            Kind::Scalar => matches!(tree.scalar(value), Some(Scalar::Null | Scalar::Str(""))),
            Kind::Mapping | Kind::Sequence => tree.children(value).next().is_none(),
            Kind::Alias | Kind::Broken => false,
        };
        let is_block = matches!(tree.style(value), Style::Literal | Style::Folded);
        let is_one_line = !is_block && !tree.text(value).contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let is_word = tree.kind(value) == Kind::Scalar && is_one_line && tree.value(entry.key) != "setup";
        let applicability = Applicability::safe_if((is_empty || is_word) && tree.properties(value).is_none());
        self.remove(&[entry], Removal::NoEffect, applicability)
    }

    /// Removes outdated fields for a reason.
    fn remove(&self, entries: &[Entry], removal: Removal<'_>, applicability: Applicability) -> Option<Change<'a>> {
        let title = removal.title(&self.names(entries));
        Some(Change { title, applicability, rewrite: without(self.rewrite(), entries, None) })
    }

    /// `` `a` and `b` ``
    fn names(&self, entries: &[Entry]) -> String {
        let names: Vec<String> = entries.iter().map(|it| quoted(self.tree.value(it.key))).collect();
        names.join(" and ")
    }

    /// The entry with this key, if it is written here exactly once.
    fn only(&self, name: &str) -> Option<Entry> {
        let mut with_name = self.tree.entries(self.mapping).filter(|entry| self.tree.value(entry.key) == name);
        let entry = with_name.next()?;
        with_name.next().is_none().then_some(entry)
    }

    /// Whether each of these fields is written here at most once, and not merged into this mapping.
    fn are_plain(&self, names: &[&str]) -> bool {
        let slots = slots(self.tree, self.mapping);
        names.iter().all(|name| {
            let mut with_name = slots.iter().filter(|slot| slot.name == Some(name));
            let first = with_name.next();
            with_name.next().is_none()
                && first.is_none_or(|slot| self.tree.parent(slot.key) == Some(self.mapping) && slot.via.is_none())
        })
    }

    /// `networking` of a Kubernetes backend became `proxy_jump` in 0.19.31, with other names for the same two fields.
    fn networking(&self) -> Option<Change<'a>> {
        let entry = self.only("networking").filter(|_| self.tree.get(self.mapping, "proxy_jump").is_none())?;
        let mut rewrite = self.rewrite().rename(entry.key, "proxy_jump");
        let mut title = renaming("networking", "proxy_jump");
        for inner in self.tree.entries(entry.value) {
            let name = self.tree.value(inner.key);
            let instead = match name {
                "ssh_host" => "hostname",
                "ssh_port" => "port",
                _ => return None,
            };
            title += &format!(", `{name}` to `{instead}`");
            rewrite = rewrite.rename(inner.key, instead);
        }
        let is_plain = self.tree.kind(entry.value) != Kind::Alias && self.tree.properties(entry.value).is_none();
        self.accepts("proxy_jump").then_some(())?;
        is_plain.then(|| safe(title, rewrite))?
    }

    fn scalar(&self, entry: Option<Entry>) -> Option<Scalar<'a>> {
        self.tree.scalar(self.tree.target(entry?.value)?)
    }

    fn accepts(&self, name: &str) -> bool {
        let ty = self.document.binding().fact(self.mapping).ty;
        ty.and_then(|ty| schema::catalogue().field(ty, name))
            .is_some_and(|(_, field)| field.status(self.document.release()).is_accepted())
    }

    /// The default of a field, which depends on the kind of mapping: idle instances of a run are kept for 5 minutes, those of
    /// a fleet for 3 days.
    fn default(&self, name: &str) -> Option<String> {
        let (_, field) = schema::catalogue().field(self.document.binding().fact(self.mapping).ty?, name)?;
        field.default.as_ref()?.at(self.document.release()).map(|it| it.to_string())
    }

    fn termination(&self) -> Option<Change<'a>> {
        const NAMES: [&str; 3] = ["termination_policy", "termination_idle_time", "idle_duration"];
        if !self.accepts("idle_duration") || !self.are_plain(&NAMES) {
            return None;
        }
        let [policy, time, idle] = NAMES.map(|name| self.only(name));
        let set = |entry: Option<Entry>| entry.filter(|it| self.scalar(Some(*it)) != Some(Scalar::Null));

        let dont_destroy = match self.scalar(set(policy)) {
            None if set(policy).is_none() => false,
            Some(Scalar::Str("dont-destroy")) => true,
            Some(Scalar::Str("destroy-after-idle")) => false,
            _ => return None,
        };
        let seconds = match set(time) {
            Some(_) => Some(self.seconds("termination-idle-time", self.scalar(time)?)?),
            None => None,
        };
        let effective = self.idle_duration(set(idle))?;

        let rewrite = self.rewrite();
        let outdated: Vec<Entry> = [policy, time].into_iter().flatten().collect();
        let remove = |rewrite, keep| without(rewrite, &outdated, keep);
        let meant = match effective {
            Current::Off | Current::Time if effective == Current::Off || !dont_destroy => {
                return self.remove(&outdated, Removal::Overridden("idle_duration"), Applicability::Safe);
            }
            _ if dont_destroy => Idle::Off,
            _ => match seconds {
                // Terminated at once, unlike with a negative `idle_duration` or `off`.
                Some(seconds) if seconds <= 0 => Idle::After("0s".into()),
                Some(_) if matches!(self.scalar(time), Some(Scalar::Bool(_))) => Idle::After("1s".into()),
                Some(_) => Idle::AsWritten,
                None if set(policy).is_some() => Idle::After(self.default("idle_duration")?),
                None => return self.remove(&outdated, Removal::Empty, Applicability::Safe),
            },
        };
        let text = match &meant {
            Idle::Off => "off".to_string(),
            Idle::After(time) => time.clone(),
            Idle::AsWritten => self.tree.text(time?.value).to_string(),
        };
        let replaced: Vec<Entry> = outdated.iter().copied().chain(idle).collect();
        let title = format!("Replace {} with {}", self.names(&replaced), quoted(&format!("idle_duration: {text}")));
        let rewrite = match (idle, &meant) {
            (Some(idle), _) => remove(rewrite.set(idle.value, Value::raw(text)), None),
            (None, Idle::AsWritten) => remove(rewrite.rename(time?.key, "idle_duration"), time),
            (None, _) => {
                let entry = if dont_destroy { policy.or(time)? } else { time.or(policy)? };
                let value = Value::raw(text);
                remove(rewrite.rename(entry.key, "idle_duration").set(entry.value, value), Some(entry))
            }
        };
        safe(title, rewrite)
    }

    /// The meaning of `idle_duration`; `None` if it is invalid by itself.
    fn idle_duration(&self, idle: Option<Entry>) -> Option<Current> {
        let Some(entry) = idle else { return Some(Current::Unset) };
        Some(match self.scalar(Some(entry))? {
            Scalar::Bool(false) | Scalar::Str("off") => Current::Off,
            Scalar::Bool(true) => Current::Unset,
            scalar if self.seconds("idle-duration", scalar.clone())? < 0 => Current::Off,
            _ => Current::Time,
        })
    }

    /// The seconds of a duration, if the last release with these fields takes it.
    fn seconds(&self, grammar: &str, scalar: Scalar<'_>) -> Option<i128> {
        let value = python_value(&scalar);
        let is_valid = schema::grammar::named(grammar)?.parse(value, Release::new(0, 18, 44)).problems.is_empty();
        is_valid.then(|| duration::seconds(value))?
    }

    fn retry_policy(&self) -> Option<Change<'a>> {
        if !self.accepts("retry") || !self.are_plain(&["retry_policy", "retry"]) {
            return None;
        }
        let entry = self.only("retry_policy")?;
        let rewrite = self.rewrite();
        if self.only("retry").is_some_and(|it| self.scalar(Some(it)) != Some(Scalar::Null)) {
            return self.remove(&[entry], Removal::Overridden("retry"), Applicability::Safe);
        }
        let rewrite = match self.only("retry") {
            Some(null) => rewrite.remove_keeping_comments(null.key),
            None => rewrite,
        };
        if self.scalar(Some(entry)) == Some(Scalar::Null) {
            let rewrite = rewrite.remove_keeping_comments(entry.key);
            return safe(Removal::Empty.title("`retry_policy`"), rewrite);
        }
        if self.tree.kind(entry.value) != Kind::Mapping {
            return None;
        }
        let inner = Scope { document: self.document, tree: self.tree, mapping: entry.value };
        if !inner.are_plain(&["retry", "duration"])
            || self.tree.entries(entry.value).any(|it| !matches!(self.tree.value(it.key), "retry" | "duration"))
        {
            return None;
        }
        let (retry, duration) = (inner.only("retry"), inner.only("duration"));
        let seconds = match inner.scalar(duration) {
            None if duration.is_none() => None,
            Some(Scalar::Null) => None,
            Some(scalar) => Some(self.seconds("duration", scalar)?),
            None => return None,
        };
        let on = match inner.scalar(retry) {
            None if retry.is_none() => false,
            Some(scalar) => bind::truth(&scalar)?,
            None => return None,
        };
        let rewrite = rewrite.rename(entry.key, "retry");
        match seconds {
            // Zero means one hour, and so does no duration at all.
            None | Some(0) => {
                let text = if on || seconds.is_some() { "true" } else { "false" };
                let rewrite = rewrite.set(entry.value, Value::raw(text));
                safe(replacing("retry_policy", &format!("retry: {text}")), rewrite)
            }
            Some(_) => {
                const EVENTS: &str = "[no-capacity, interruption, error]";
                let events = Value::raw(EVENTS);
                let rewrite = match retry {
                    Some(it) => rewrite.rename(it.key, "on_events").set(it.value, events),
                    None => rewrite.insert(Place::Before(duration?.key), "on_events", events),
                };
                let title = format!("Replace `retry_policy` with `retry` and `on_events: {EVENTS}`");
                safe(title, rewrite)
            }
        }
    }

    /// In a dev environment `setup` runs before `init`; otherwise it has no effect.
    fn setup(&self, key: NodeId) -> Option<Change<'a>> {
        let entry = self.only("setup").filter(|it| it.key == key)?;
        let rewrite = self.rewrite();
        if !self.accepts("init") {
            return self.without_effect(entry);
        }
        if !self.are_plain(&["setup", "init"]) {
            return None;
        }
        let Some(init) = self.only("init") else {
            return safe(renaming("setup", "init"), rewrite.rename(entry.key, "init"));
        };
        let first = self.tree.items(self.tree.target(init.value).filter(|it| *it == init.value)?).next()?;
        if self.tree.kind(entry.value) != Kind::Sequence {
            return None;
        }
        let mut rewrite = rewrite.remove_keeping_comments(entry.key);
        for item in self.tree.items(entry.value) {
            rewrite = rewrite.insert_item(Place::Before(first), as_written(self.tree, item, 0)?);
        }
        safe("Move `setup` to the start of `init`".into(), rewrite)
    }
}

/// Removes entries except for one. Their comments stay.
fn without<'t>(rewrite: Rewrite<'t>, entries: &[Entry], keep: Option<Entry>) -> Rewrite<'t> {
    let gone = entries.iter().filter(|it| Some(**it) != keep);
    gone.fold(rewrite, |it, entry| it.remove_keeping_comments(entry.key))
}

/// A node as a value to be written elsewhere; `None` if an anchor, a tag, an alias, a block scalar or a comment would be lost.
pub(crate) fn as_written(tree: &Tree, node: NodeId, depth: u32) -> Option<Value> {
    let span = tree.span(node);
    let has_comment = tree.comments().iter().any(|it| span.start <= it.span.start && it.span.end <= span.end);
    if depth > 16 || has_comment || tree.properties(node).is_some() {
        return None;
    }
    match tree.kind(node) {
        Kind::Scalar if matches!(tree.style(node), Style::Literal | Style::Folded) => None,
        Kind::Scalar if tree.text(node).contains(['\n', '\r']) => None,
        Kind::Scalar => Some(scalar_as_written(tree, node)),
        Kind::Mapping => {
            let one = |entry: Entry| {
                let plain = tree.kind(entry.key) == Kind::Scalar && tree.properties(entry.key).is_none();
                let is_text = matches!(tree.scalar(entry.key), Some(Scalar::Str(_)));
                (plain && is_text)
                    .then(|| Some((tree.value(entry.key).to_string(), as_written(tree, entry.value, depth + 1)?)))?
            };
            let sound = tree.children(node).all(|it| tree.kind(it) != Kind::Broken);
            let entries: Option<Vec<(String, Value)>> = tree.entries(node).map(one).collect();
            entries.filter(|_| sound).map(Value::Mapping)
        }
        Kind::Sequence => {
            let sound = tree.children(node).all(|it| tree.kind(it) != Kind::Broken);
            let items: Option<Vec<Value>> = tree.items(node).map(|it| as_written(tree, it, depth + 1)).collect();
            items.filter(|_| sound).map(Value::Sequence)
        }
        Kind::Alias | Kind::Broken => None,
    }
}

/// A scalar on one line, to be written elsewhere: as it is, but a string without quotes may need some there.
pub(crate) fn scalar_as_written(tree: &Tree, node: NodeId) -> Value {
    match tree.scalar(node) {
        Some(Scalar::Str(text)) if tree.style(node) == Style::Plain => Value::Str(text.to_string()),
        _ => Value::raw(tree.text(node)),
    }
}
