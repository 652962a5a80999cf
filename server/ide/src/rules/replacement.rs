//! What takes the place of outdated fields, so that the file means the same: fixes of `deprecated-field` and
//! `removed-field`.
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
//! What the fields meant is what 0.18.34 to 0.18.44 made of them (`core/services/profiles.py`, `get_termination` and
//! `get_retry`); later releases drop or refuse them, and what they plainly meant is still that.

use schema::{Field, Release, Status, Value as Python};
use yaml::{
    Entry, Kind, NodeId, Scalar, Style, Tree,
    write::{Place, Rewrite, Value},
};

use crate::{
    bind::{python_value, slots},
    diagnostic::{Applicability, Fix},
    document::Document,
    expected::quoted,
};

use super::safe::{self, Removal, rename, replace};

/// The fix for the outdated field with this key, if there is one that keeps the meaning.
pub(super) fn of_field(document: &Document, key: NodeId, field: &Field) -> Option<Fix> {
    let tree = document.tree();
    let mapping = tree.parent(key).filter(|it| tree.kind(*it) == Kind::Mapping)?;
    let scope = Scope { document, tree, mapping };
    match &*field.name {
        "termination_policy" | "termination_idle_time" => scope.termination(),
        "retry_policy" => scope.retry_policy(),
        "setup" => scope.setup(key),
        "networking" => scope.networking(),
        name => {
            let entry = scope.only(name)?;
            let instead = field.deprecated.as_ref().and_then(|it| it.instead.as_deref());
            let ignored = matches!(field.status(document.release()), Status::Ignored(_));
            match instead.filter(|it| scope.accepts(it)) {
                Some(instead) if !ignored && scope.only(instead).is_none() && is_renamed(name) => {
                    scope.fix(rename(name, instead), Applicability::Safe, Rewrite::new(tree).rename(entry.key, instead))
                }
                // Pools are gone; nothing that a file could say takes their place.
                _ if ignored || is_void(name) => scope.without_effect(entry),
                _ => scope.fix(format!("Remove `{name}`"), Applicability::Unsafe, Rewrite::new(tree).remove(entry.key)),
            }
        }
    }
}

/// Fields that only changed their name.
pub(super) fn is_renamed(name: &str) -> bool {
    matches!(name, "count" | "context_length" | "max_trials")
}

/// Fields that had no effect any more when they were removed.
fn is_void(name: &str) -> bool {
    matches!(name, "pool_name" | "instance_name" | "home_dir")
}

/// When instances are terminated, as the outdated fields say it.
#[derive(Clone, Debug, PartialEq)]
enum Idle {
    /// Never.
    Off,
    /// After the time that is written in `termination_idle_time`.
    AsWritten,
    /// After this time.
    After(String),
}

/// The mapping with an outdated field.
struct Scope<'a> {
    document: &'a Document,
    tree: &'a Tree,
    mapping: NodeId,
}

impl Scope<'_> {
    fn fix(&self, title: String, applicability: Applicability, rewrite: Rewrite<'_>) -> Option<Fix> {
        safe::fix(self.document, title, applicability, rewrite)
    }

    /// Remove a field that has no effect. Commands were meant to do something, and belong elsewhere; so does what is more
    /// than a word.
    fn without_effect(&self, entry: Entry) -> Option<Fix> {
        let (tree, value) = (self.tree, entry.value);
        let is_empty = match tree.kind(value) {
            Kind::Scalar => matches!(tree.scalar(value), Some(Scalar::Null | Scalar::Str(""))),
            Kind::Mapping | Kind::Sequence => tree.children(value).next().is_none(),
            Kind::Alias | Kind::Broken => false,
        };
        let is_block = matches!(tree.style(value), Style::Literal | Style::Folded);
        let is_one_line = !is_block && !tree.text(value).contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let is_word = tree.kind(value) == Kind::Scalar && is_one_line && tree.value(entry.key) != "setup";
        let is_safe = (is_empty || is_word) && tree.properties(value).is_none();
        let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
        self.remove(&[entry], Removal::NoEffect, applicability)
    }

    /// Remove outdated fields for a reason.
    fn remove(&self, entries: &[Entry], removal: Removal<'_>, applicability: Applicability) -> Option<Fix> {
        let title = removal.title(&self.names(entries));
        self.fix(title, applicability, without(Rewrite::new(self.tree), entries, None))
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

    /// Whether the fields with these names are written here, or nowhere: not twice, and not merged into this mapping.
    fn are_plain(&self, names: &[&str]) -> bool {
        let slots = slots(self.tree, self.mapping);
        names.iter().all(|name| {
            let mut with_name = slots.iter().filter(|slot| slot.name == Some(name));
            let first = with_name.next();
            with_name.next().is_none()
                && first.is_none_or(|slot| self.tree.parent(slot.key) == Some(self.mapping) && slot.via.is_none())
        })
    }

    /// `networking` of a Kubernetes backend is `proxy_jump` since 0.19.31, with other names for the same two fields.
    fn networking(&self) -> Option<Fix> {
        let entry = self.only("networking").filter(|_| self.tree.get(self.mapping, "proxy_jump").is_none())?;
        let mut rewrite = Rewrite::new(self.tree).rename(entry.key, "proxy_jump");
        let mut title = rename("networking", "proxy_jump");
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
        is_plain.then(|| self.fix(title, Applicability::Safe, rewrite))?
    }

    fn scalar(&self, entry: Option<Entry>) -> Option<Scalar<'_>> {
        self.tree.scalar(self.tree.target(entry?.value)?)
    }

    fn accepts(&self, name: &str) -> bool {
        let ty = self.document.binding().fact(self.mapping).ty;
        ty.and_then(|ty| schema::catalogue().field(ty, name))
            .is_some_and(|(_, field)| field.status(self.document.release()).is_accepted())
    }

    /// What holds where the field is left out: for idle machines of a run 5 minutes, for those of a fleet 3 days.
    fn default(&self, name: &str) -> Option<String> {
        let (_, field) = schema::catalogue().field(self.document.binding().fact(self.mapping).ty?, name)?;
        field.default.as_ref()?.at(self.document.release()).map(|it| it.to_string())
    }

    fn termination(&self) -> Option<Fix> {
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

        let rewrite = Rewrite::new(self.tree);
        let outdated: Vec<Entry> = [policy, time].into_iter().flatten().collect();
        let remove = |rewrite, keep| without(rewrite, &outdated, keep);
        let meant = match effective {
            Some(is_off) if is_off || !dont_destroy => {
                return self.remove(&outdated, Removal::Overridden("idle_duration"), Applicability::Safe);
            }
            _ if dont_destroy => Idle::Off,
            _ => match seconds {
                // Terminated at once, which a negative `idle_duration` would not say; nor would `off`.
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
        self.fix(title, Applicability::Safe, rewrite)
    }

    /// What an `idle_duration` says: off, a time, or nothing. `None` if it is wrong by itself.
    fn idle_duration(&self, idle: Option<Entry>) -> Option<Option<bool>> {
        let Some(entry) = idle else { return Some(None) };
        match self.scalar(Some(entry))? {
            Scalar::Bool(false) | Scalar::Str("off") => Some(Some(true)),
            Scalar::Bool(true) => Some(None),
            scalar => Some(Some(self.seconds("idle-duration", scalar)? < 0)),
        }
    }

    /// The seconds of a duration, if the release that knew these fields takes it.
    fn seconds(&self, grammar: &str, scalar: Scalar<'_>) -> Option<i64> {
        let value = python_value(&scalar);
        let grammar = schema::grammar::named(grammar)?;
        if !grammar.parse(value, Release::new(0, 18, 44)).problems.is_empty() {
            return None;
        }
        match value {
            Python::Int(it) => i64::try_from(it).ok(),
            Python::Float(it) => Some(it as i64),
            Python::Bool(it) => Some(i64::from(it)),
            Python::Str(text) => {
                let text = text.trim();
                let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
                let number: i64 = digits.replace('_', "").parse().ok()?;
                let unit = match text[digits.len()..].trim() {
                    "" | "s" => 1,
                    "m" => 60,
                    "h" => 3_600,
                    "d" => 86_400,
                    "w" => 604_800,
                    _ => return None,
                };
                number.checked_mul(unit)
            }
            Python::Null | Python::Bytes | Python::Other => None,
        }
    }

    fn retry_policy(&self) -> Option<Fix> {
        if !self.accepts("retry") || !self.are_plain(&["retry_policy", "retry"]) {
            return None;
        }
        let entry = self.only("retry_policy")?;
        let rewrite = Rewrite::new(self.tree);
        if self.only("retry").is_some_and(|it| self.scalar(Some(it)) != Some(Scalar::Null)) {
            return self.remove(&[entry], Removal::Overridden("retry"), Applicability::Safe);
        }
        let rewrite = match self.only("retry") {
            Some(null) => rewrite.remove_keeping_comments(null.key),
            None => rewrite,
        };
        if self.scalar(Some(entry)) == Some(Scalar::Null) {
            let rewrite = rewrite.remove_keeping_comments(entry.key);
            return self.fix(Removal::Empty.title("`retry_policy`"), Applicability::Safe, rewrite);
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
            Some(scalar) => crate::bind::truth(&scalar)?,
            None => return None,
        };
        let rewrite = rewrite.rename(entry.key, "retry");
        match seconds {
            // No time is an hour, and so is none at all.
            None | Some(0) => {
                let text = if on || seconds.is_some() { "true" } else { "false" };
                let rewrite = rewrite.set(entry.value, Value::raw(text));
                self.fix(replace("retry_policy", &format!("retry: {text}")), Applicability::Safe, rewrite)
            }
            Some(_) => {
                const EVENTS: &str = "[no-capacity, interruption, error]";
                let events = Value::raw(EVENTS);
                let rewrite = match retry {
                    Some(it) => rewrite.rename(it.key, "on_events").set(it.value, events),
                    None => rewrite.insert(Place::Before(duration?.key), "on_events", events),
                };
                let title = format!("Replace `retry_policy` with `retry` and `on_events: {EVENTS}`");
                self.fix(title, Applicability::Safe, rewrite)
            }
        }
    }

    /// In a dev environment `setup` runs before `init`; elsewhere it does nothing.
    fn setup(&self, key: NodeId) -> Option<Fix> {
        let entry = self.only("setup").filter(|it| it.key == key)?;
        let rewrite = Rewrite::new(self.tree);
        if !self.accepts("init") {
            return self.without_effect(entry);
        }
        if !self.are_plain(&["setup", "init"]) {
            return None;
        }
        let Some(init) = self.only("init") else {
            return self.fix(rename("setup", "init"), Applicability::Safe, rewrite.rename(entry.key, "init"));
        };
        let first = self.tree.items(self.tree.target(init.value).filter(|it| *it == init.value)?).next()?;
        if self.tree.kind(entry.value) != Kind::Sequence {
            return None;
        }
        let mut rewrite = rewrite.remove_keeping_comments(entry.key);
        for item in self.tree.items(entry.value) {
            rewrite = rewrite.insert_item(Place::Before(first), as_written(self.tree, item, 0)?);
        }
        self.fix("Move `setup` to the start of `init`".into(), Applicability::Safe, rewrite)
    }
}

/// Remove entries but one; their comments stay.
fn without<'t>(rewrite: Rewrite<'t>, entries: &[Entry], keep: Option<Entry>) -> Rewrite<'t> {
    let gone = entries.iter().filter(|it| Some(**it) != keep);
    gone.fold(rewrite, |it, entry| it.remove_keeping_comments(entry.key))
}

/// A node as a value to be written elsewhere. `None` where something would be lost: an anchor, a tag, an alias, a block
/// of text, a comment.
pub(super) fn as_written(tree: &Tree, node: NodeId, depth: u32) -> Option<Value> {
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

/// A scalar on one line, to be written elsewhere: as it stands, but a text without quotes may need some there.
pub(super) fn scalar_as_written(tree: &Tree, node: NodeId) -> Value {
    match tree.scalar(node) {
        Some(Scalar::Str(text)) if tree.style(node) == Style::Plain => Value::Str(text.to_string()),
        _ => Value::raw(tree.text(node)),
    }
}
