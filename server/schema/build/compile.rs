//! Compiles the YAML of the catalogue into its types. Everything that is not understood is an error with the file and the
//! place in it.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping as Yaml, Value};

use crate::model::{
    Compiled, Constraint, ConstraintKind, Deprecation, Enum, EnumValue, Field, Limits, Mapping, Sequence, Skeleton,
    Table, Timed, Type, TypeId, Union,
};
use crate::notation::{self, Notation};
use crate::raw::{
    Entry, RawConstraint, RawDeprecation, RawField, RawInclude, RawLimits, RawSkeleton, RawVariant, RawWord,
};
use crate::release::Release;

/// Everything `${{ … }}` can refer to in some field.
const NAMESPACES: [&str; 7] =
    ["dstack.job_num", "dstack.node_rank", "env", "groups", "run.args", "run.project_name", "secrets"];

/// Compiles the files, given by name and text, or returns all errors.
pub(crate) fn compile(files: &[(String, String)]) -> Result<Compiled, Vec<String>> {
    let mut compiler = Compiler::default();
    let sources = compiler.read(files);
    compiler.declare(&sources);
    for source in &sources {
        compiler.define(source);
    }
    compiler.check_skeletons();
    if compiler.problems.is_empty() {
        Ok(Compiled { types: compiler.types, names: compiler.names, skeletons: compiler.skeletons })
    } else {
        Err(compiler.problems)
    }
}

/// A named entry of a file.
struct Source {
    /// `task.yaml: task`
    at: String,
    name: String,
    entry: Entry,
}

/// The limits of a field, and which of them its type used.
struct Bounds {
    limits: Limits,
    length: Limits,
    min_items: Option<Timed<u32>>,
    max_items: Option<Timed<u32>>,
    used: [bool; 3],
}

#[derive(Default)]
struct Compiler {
    types: Vec<Type>,
    /// The number of named types, which come first; only the types after them are shared if equal.
    n_named: usize,
    names: Vec<(Box<str>, TypeId)>,
    ids: HashMap<String, TypeId>,
    grammars: Vec<String>,
    groups: HashMap<String, (String, Yaml, Vec<Value>)>,
    skeletons: Vec<Skeleton>,
    problems: Vec<String>,
}

impl Compiler {
    fn problem(&mut self, at: &str, what: impl std::fmt::Display) {
        self.problems.push(format!("{at}: {what}"));
    }

    /// The entries of all files, in order.
    fn read(&mut self, files: &[(String, String)]) -> Vec<Source> {
        let mut sources = Vec::new();
        for (file, text) in files {
            let entries: Yaml = match serde_yaml::from_str(text) {
                Ok(entries) => entries,
                Err(error) => {
                    self.problem(file, error);
                    continue;
                }
            };
            for (name, value) in entries {
                let Some(name) = name.as_str().map(str::to_owned) else {
                    self.problem(file, "the name of a type is not a string");
                    continue;
                };
                let at = format!("{file}: {name}");
                if name == "grammars" {
                    let grammars: Vec<String> = self.parse(&at, value).unwrap_or_default();
                    self.grammars.extend(grammars);
                } else if name == "skeletons" {
                    let skeletons: Vec<RawSkeleton> = self.parse(&at, value).unwrap_or_default();
                    self.skeletons.extend(skeletons.into_iter().map(|it| Skeleton {
                        kind: it.kind,
                        label: it.label,
                        detail: it.detail,
                        body: it.body.trim_end().into(),
                    }));
                } else if let Some(entry) = self.parse(&at, value) {
                    sources.push(Source { at, name, entry });
                }
            }
        }
        sources
    }

    /// Assigns an id to every named type, so that types can refer to each other in any order.
    fn declare(&mut self, sources: &[Source]) {
        for Source { at, name, entry } in sources {
            let kinds = [
                entry.fields.is_some(),
                entry.group.is_some(),
                entry.values.is_some(),
                entry.by.is_some() && entry.variants.is_some(),
                entry.is.is_some(),
            ];
            if kinds.iter().filter(|it| **it).count() != 1 {
                self.problem(at, "needs exactly one of `fields`, `group`, `values`, `is`, or `by` with `variants`");
            } else {
                for key in entry.stray_keys() {
                    self.problem(at, format!("{key} does not belong to an entry of this kind"));
                }
            }
            if self.ids.contains_key(name) || self.groups.contains_key(name) || self.grammars.contains(name) {
                self.problem(at, "duplicate name");
            }
            if let Some(group) = &entry.group {
                self.groups.insert(name.clone(), (at.clone(), group.clone(), entry.constraints.clone()));
                continue;
            }
            let id = TypeId(self.types.len() as u16);
            self.types.push(Type::Any);
            self.names.push((name.as_str().into(), id));
            self.ids.insert(name.clone(), id);
        }
        self.n_named = self.types.len();
    }

    fn define(&mut self, Source { at, name, entry }: &Source) {
        let Some(&id) = self.ids.get(name) else { return };
        let ty = if let Some(fields) = &entry.fields {
            self.mapping(at, name, entry, fields)
        } else if let Some(values) = &entry.values {
            let values = self.words(at, values);
            Type::Enum(Enum { name: name.as_str().into(), values, any_case: entry.any_case })
        } else if let (Some(by), Some(variants)) = (&entry.by, &entry.variants) {
            self.discriminated(at, by, variants)
        } else if let Some(is) = &entry.is {
            let mut bounds = self.bounds(at, &entry.limits);
            let inner = self.timed_type(at, is, &mut bounds);
            if bounds.used.contains(&false) {
                self.problem(at, "a limit does not fit the type");
            }
            match &self.types[inner.0 as usize] {
                // A name for an anonymous type replaces it; a second name refers to the first.
                it if inner.0 as usize >= self.n_named => it.clone(),
                _ => Type::Timed(Timed::always(inner)),
            }
        } else {
            return;
        };
        self.types[id.0 as usize] = ty;
    }

    fn mapping(&mut self, at: &str, name: &str, entry: &Entry, fields: &Yaml) -> Type {
        let mut mapping = Mapping {
            name: name.into(),
            docs: docs(entry.docs.as_deref()),
            fields: Vec::new(),
            shorthand: entry.shorthand.as_deref().map(|it| self.written_type(at, it, &mut Bounds::none())),
            constraints: Vec::new(),
            label: entry.label.clone(),
        };
        self.fields(at, fields, &mut mapping);
        let mut constraints = Vec::new();
        for value in &entry.constraints {
            constraints.extend(self.constraint(at, value));
        }
        mapping.constraints.extend(constraints);
        for constraint in &mapping.constraints {
            let named: Vec<&str> = match &constraint.kind {
                ConstraintKind::Exclusive(names) | ConstraintKind::AnyOf(names) => {
                    names.iter().map(AsRef::as_ref).collect()
                }
                ConstraintKind::Requires(one, other) => vec![one, other],
                ConstraintKind::Forbidden(one) => vec![one],
                ConstraintKind::Custom(_) => vec![],
            };
            for name in named {
                if !mapping.fields.iter().any(|field| &*field.name == name) {
                    self.problems.push(format!("{at}: a constraint names `{name}`, which is not a field"));
                }
            }
        }
        for field in &mapping.fields {
            if let Some(instead) = field.deprecated.as_ref().and_then(|it| it.instead.as_deref())
                && !mapping.fields.iter().any(|field| &*field.name == instead)
            {
                let name = &field.name;
                self.problems.push(format!("{at}.{name}: `use` names `{instead}`, which is not a field"));
            }
            if field.is_renamed() && field.deprecated.as_ref().is_some_and(|it| it.instead.is_none()) {
                self.problems.push(format!("{at}.{}: `renamed` needs `use`", field.name));
            }
            for other in field.also.iter().filter(|it| mapping.fields.iter().any(|field| field.name == **it)) {
                self.problems.push(format!("{at}.{}: `also` names `{other}`, which is a field itself", field.name));
            }
        }
        for name in mapping.label.iter().filter(|it| !mapping.fields.iter().any(|field| field.name == **it)) {
            self.problems.push(format!("{at}: `label` names `{name}`, which is not a field"));
        }
        Type::Mapping(mapping)
    }

    /// The fields, including those of groups (`+profile:`).
    fn fields(&mut self, at: &str, fields: &Yaml, mapping: &mut Mapping) {
        for (key, value) in fields {
            let Some(key) = key.as_str() else {
                self.problem(at, "the name of a field is not a string");
                continue;
            };
            let at = format!("{at}.{key}");
            if let Some(group) = key.strip_prefix('+') {
                let Some((at, fields, constraints)) = self.groups.get(group).cloned() else {
                    self.problem(&at, "unknown group");
                    continue;
                };
                let include: RawInclude = match value {
                    Value::Null => RawInclude::default(),
                    _ => self.parse(&at, value.clone()).unwrap_or_default(),
                };
                self.known(&at, [include.since, None]);
                let n_before = mapping.fields.len();
                self.fields(&at, &fields, mapping);
                for field in &mut mapping.fields[n_before..] {
                    field.accepted = later(std::mem::replace(&mut field.accepted, Timed(vec![])), include.since);
                }
                for value in &constraints {
                    let constraint = self.constraint(&at, value);
                    mapping.constraints.extend(constraint);
                }
                continue;
            }
            if mapping.fields.iter().any(|field| &*field.name == key) {
                self.problem(&at, "duplicate field");
            }
            let field = self.field(&at, key, value);
            mapping.fields.extend(field);
        }
    }

    fn field(&mut self, at: &str, name: &str, value: &Value) -> Option<Field> {
        let raw: RawField = match value {
            // `username: string` is short for `username: {type: string}`
            Value::String(_) => {
                self.parse(at, Value::Mapping([("type".into(), value.clone())].into_iter().collect()))?
            }
            _ => self.parse(at, value.clone())?,
        };
        let mut bounds = self.bounds(at, &raw.limits);
        let ty = self.timed_type(at, &raw.r#type, &mut bounds);
        if bounds.used.contains(&false) {
            self.problem(at, "a limit does not fit the type");
        }
        for namespace in raw.interpolates.iter().filter(|it| !NAMESPACES.contains(&&***it)) {
            self.problem(at, format!("`{namespace}` is not a namespace of `${{{{ … }}}}`"));
        }
        let accepted = self.accepted(at, raw.since, raw.removed, raw.accepted.as_ref());
        let required =
            raw.required.as_ref().map_or(Some(Timed::always(false)), |it| self.timed(at, it, Value::as_bool));
        let default = raw.default.as_ref().and_then(|it| self.timed(at, it, written));
        let deprecated = raw.deprecated.map(|it| self.deprecation(at, it, &accepted));
        let first = accepted.0.iter().find(|(_, accepted)| *accepted).map(|(release, _)| *release);
        let first_type = match &self.types[ty.0 as usize] {
            Type::Timed(timed) => timed.0.first().map(|(release, _)| *release),
            _ => None,
        };
        if first_type > first {
            self.problem(at, "is accepted before it has a type");
        }
        Some(Field {
            name: name.into(),
            ty,
            docs: docs(raw.docs.as_deref()),
            required: required?,
            default,
            accepted,
            deprecated,
            internal: raw.internal,
            secret: raw.secret,
            interpolates: raw.interpolates,
            also: raw.also,
            perhaps: raw.perhaps,
            tells: raw.tells,
            fill: raw.fill,
        })
    }

    fn words(&mut self, at: &str, values: &Yaml) -> Vec<EnumValue> {
        let mut words = Vec::new();
        for (key, value) in values {
            let Some(key) = key.as_str() else {
                self.problem(at, "a value is not a string; add quotes");
                continue;
            };
            let at = format!("{at}.{key}");
            let raw: RawWord = match value {
                Value::Null => RawWord::default(),
                // `spot: Only spot instances` is short for `spot: {docs: Only spot instances}`
                Value::String(text) => RawWord { docs: Some(text.clone()), ..RawWord::default() },
                _ => self.parse(&at, value.clone()).unwrap_or_default(),
            };
            let accepted = self.accepted(&at, raw.since, raw.removed, raw.accepted.as_ref());
            let deprecated = raw.deprecated.map(|it| self.deprecation(&at, it, &accepted));
            if let Some(instead) = deprecated.as_ref().and_then(|it| it.instead.as_deref())
                && !values.keys().any(|it| it.as_str() == Some(instead))
            {
                self.problem(&at, format!("`use` names `{instead}`, which is not a value"));
            }
            words.push(EnumValue { value: key.into(), docs: docs(raw.docs.as_deref()), accepted, deprecated });
        }
        words
    }

    fn discriminated(&mut self, at: &str, by: &str, variants: &Yaml) -> Type {
        let mut union = Union { discriminator: Some(by.into()), ..Union::default() };
        for (tag, value) in variants {
            let Some(tag) = tag.as_str() else {
                self.problem(at, "the tag of a variant is not a string");
                continue;
            };
            let at = format!("{at}.{tag}");
            let raw = match value {
                Value::String(ty) => RawVariant { r#type: ty.clone(), ..RawVariant::default() },
                _ => match self.parse(&at, value.clone()) {
                    Some(raw) => raw,
                    None => continue,
                },
            };
            union.tags.push(tag.into());
            let ty = self.written_type(&at, &raw.r#type, &mut Bounds::none());
            union.variants.push(ty);
            let accepted = self.accepted(&at, raw.since, raw.removed, raw.accepted.as_ref());
            union.accepted.push(accepted);
            union.docs.push(docs(raw.docs.as_deref()));
            if let Some(value) = &raw.read_by {
                let command = |it: &Value| it.is_null().then_some(None).or(it.as_str().map(|it| Some(it.into())));
                union.elsewhere.extend(self.timed(&at, value, command).map(|it| (tag.into(), it)));
            }
            union.successors.extend(raw.r#use.map(|it| (tag.into(), it)));
            union.pages.extend(raw.page.map(|it| (tag.into(), it)));
        }
        for (tag, instead) in &union.successors {
            if !union.tags.contains(instead) {
                self.problems.push(format!("{at}.{tag}: `use` names `{instead}`, which is not a variant"));
            }
        }
        Type::Union(union)
    }

    fn constraint(&mut self, at: &str, value: &Value) -> Option<Constraint> {
        let at = format!("{at}.constraints");
        let raw: RawConstraint = self.parse(&at, value.clone())?;
        let kinds = [
            raw.exclusive.map(ConstraintKind::Exclusive),
            raw.any_of.map(ConstraintKind::AnyOf),
            raw.requires.map(|(one, other)| ConstraintKind::Requires(one, other)),
            raw.forbidden.map(ConstraintKind::Forbidden),
            raw.custom.map(ConstraintKind::Custom),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            self.problem(&at, "needs exactly one of `exclusive`, `any-of`, `requires`, `forbidden` and `custom`");
            return None;
        };
        let since = raw.since.unwrap_or(Release::OLDEST);
        self.known(&at, [Some(since), raw.until]);
        if raw.until.is_some_and(|until| until <= since) {
            self.problem(&at, "`until` is not after `since`");
        }
        let note = raw.note.map(|it| it.trim().into());
        Some(Constraint { kind, since, until: raw.until, note })
    }

    fn deprecation(&mut self, at: &str, raw: RawDeprecation, accepted: &Timed<bool>) -> Deprecation {
        self.known(at, [Some(raw.since), raw.ignored]);
        if raw.ignored.is_some_and(|ignored| ignored < raw.since) {
            self.problem(at, "`ignored` is before the deprecation");
        }
        let ends_here = accepted.0.iter().any(|(release, accepted)| *release == raw.since && !accepted);
        if accepted.at(raw.since) != Some(&true) && !ends_here {
            self.problem(at, format!("deprecated since {}, where it is not accepted", raw.since));
        }
        Deprecation {
            since: raw.since,
            ignored: raw.ignored,
            instead: raw.r#use.map(Into::into),
            note: raw.note.map(|it| it.trim().into()),
            renamed: raw.renamed,
        }
    }

    /// Checks that skeletons name kinds of documents, fields and enums that exist. Whether their files parse in every
    /// release is tested in `ide`.
    fn check_skeletons(&mut self) {
        for index in 0..self.skeletons.len() {
            let Skeleton { kind, label, body, .. } = self.skeletons[index].clone();
            let at = format!("skeletons.{label}");
            let Some(&root) = self.ids.get(&*kind) else {
                self.problem(&at, format!("`{kind}` is not a kind of document"));
                continue;
            };
            let tag = body.lines().next().and_then(|it| it.strip_prefix("type: "));
            let ty = match (&self.types[root.0 as usize], tag) {
                (Type::Union(union), Some(tag)) => {
                    union.tags.iter().position(|it| **it == *tag).map(|it| union.variants[it])
                }
                (Type::Mapping(_), _) => Some(root),
                _ => None,
            };
            let Some(ty) = ty else {
                self.problem(&at, "its first line must be a `type` of this kind of document");
                continue;
            };
            for line in body.lines().filter(|it| !it.starts_with(' ')) {
                let name = line.split(':').next().unwrap_or(line);
                if !self.has_field(ty, name) {
                    self.problem(&at, format!("`{name}` is not a field"));
                }
            }
            for name in body.split("|@").skip(1).filter_map(|it| it.split('|').next()) {
                let id = self.ids.get(name);
                if !id.is_some_and(|it| matches!(self.types[it.0 as usize], Type::Enum(_))) {
                    self.problem(&at, format!("`{name}` is not a list of values"));
                }
            }
        }
    }

    /// Whether a mapping type, or any variant of a union, has a field.
    fn has_field(&self, ty: TypeId, name: &str) -> bool {
        match &self.types[ty.0 as usize] {
            Type::Mapping(it) => it.fields.iter().any(|it| *it.name == *name),
            Type::Union(it) => it.variants.iter().any(|it| self.has_field(*it, name)),
            Type::Nullable(it) => self.has_field(*it, name),
            Type::Timed(it) => it.0.iter().any(|it| self.has_field(it.1, name)),
            _ => false,
        }
    }

    /// The releases that accept something: `since` and `removed`, or `accepted: {release: boolean}` if it was restored.
    fn accepted(
        &mut self,
        at: &str,
        since: Option<Release>,
        removed: Option<Release>,
        accepted: Option<&Value>,
    ) -> Timed<bool> {
        self.known(at, [since, removed]);
        if let Some(value) = accepted {
            if since.or(removed).is_some() {
                self.problem(at, "`accepted` cannot be combined with `since` and `removed`");
            }
            return self.timed(at, value, Value::as_bool).unwrap_or(Timed::always(false));
        }
        let since = since.unwrap_or(Release::OLDEST);
        let mut accepted = vec![(since, true)];
        if let Some(removed) = removed {
            if removed <= since {
                self.problem(at, "`removed` is not after `since`");
            }
            accepted.push((removed, false));
        }
        Timed(accepted)
    }

    /// A type, or a type for each release since which it holds.
    fn timed_type(&mut self, at: &str, value: &Value, bounds: &mut Bounds) -> TypeId {
        let Some(timed) = self.timed(at, value, |it| it.as_str().map(str::to_owned)) else { return TypeId(0) };
        let ids: Vec<(Release, TypeId)> =
            timed.0.iter().map(|(release, text)| (*release, self.written_type(at, text, bounds))).collect();
        match ids[..] {
            [(Release::OLDEST, id)] => id,
            _ => self.intern(Type::Timed(Timed(ids))),
        }
    }

    fn written_type(&mut self, at: &str, text: &str, bounds: &mut Bounds) -> TypeId {
        match notation::parse(text) {
            Ok(notation) => self.type_of(at, &notation, bounds),
            Err(problem) => {
                self.problem(at, problem);
                TypeId(0)
            }
        }
    }

    fn type_of(&mut self, at: &str, notation: &Notation, bounds: &mut Bounds) -> TypeId {
        let ty = match notation {
            Notation::Name(name) => match name.as_str() {
                "any" => Type::Any,
                "boolean" => Type::Boolean,
                "string" => Type::String(bounds.take_length()),
                "integer" => Type::Integer(bounds.take_limits()),
                "float" => Type::Float(bounds.take_limits()),
                name => match self.ids.get(name) {
                    Some(id) => return *id,
                    None if self.grammars.iter().any(|it| it == name) => Type::Grammar(name.into()),
                    None => {
                        self.problem(at, format!("`{name}` is not a type"));
                        Type::Any
                    }
                },
            },
            Notation::Nullable(inner) => Type::Nullable(self.type_of(at, inner, bounds)),
            Notation::Sequence(item) => {
                let item = self.type_of(at, item, &mut Bounds::none());
                let (min, max) = bounds.take_items();
                Type::Sequence(Sequence { item, min, max })
            }
            Notation::Table(key, value) => Type::Table(Table {
                key: self.type_of(at, key, &mut Bounds::none()),
                value: self.type_of(at, value, &mut Bounds::none()),
            }),
            Notation::Union(variants) => Type::Union(Union {
                variants: variants.iter().map(|it| self.type_of(at, it, bounds)).collect(),
                ..Union::default()
            }),
        };
        self.intern(ty)
    }

    fn intern(&mut self, ty: Type) -> TypeId {
        let same = self.types[self.n_named..].iter().position(|it| *it == ty);
        let index = same.map_or(self.types.len(), |index| index + self.n_named);
        if index == self.types.len() {
            self.types.push(ty);
        }
        TypeId(index as u16)
    }

    fn bounds(&mut self, at: &str, raw: &RawLimits) -> Bounds {
        let mut numbers = |value: &Option<Value>| value.as_ref().and_then(|it| self.timed(at, it, Value::as_f64));
        let (min, above, max) = (numbers(&raw.min), numbers(&raw.above), numbers(&raw.max));
        let (min_length, max_length) = (numbers(&raw.min_length), numbers(&raw.max_length));
        let mut counts = |value: &Option<Value>| {
            value.as_ref().and_then(|it| self.timed(at, it, |it| it.as_u64().and_then(|it| u32::try_from(it).ok())))
        };
        let (min_items, max_items) = (counts(&raw.min_items), counts(&raw.max_items));
        if min.is_some() && above.is_some() {
            self.problem(at, "`min` and `above` cannot both hold");
        }
        let exclusive = above.is_some();
        let limits = Limits { min: min.or(above), exclusive, max };
        let length = Limits { min: min_length, exclusive: false, max: max_length };
        let is_unlimited = |it: &Limits| it.min.is_none() && it.max.is_none();
        let used = [is_unlimited(&limits), is_unlimited(&length), min_items.is_none() && max_items.is_none()];
        Bounds { limits, length, min_items, max_items, used }
    }

    /// A value, or a value for each release since which it holds.
    fn timed<T>(&mut self, at: &str, value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Timed<T>> {
        let by_release: Yaml = match value {
            Value::Mapping(mapping) => mapping.clone(),
            value => [(Value::from(Release::OLDEST.to_string()), value.clone())].into_iter().collect(),
        };
        let mut timed: Vec<(Release, T)> = Vec::new();
        for (release, value) in &by_release {
            let Some(release) = release.as_str().and_then(|it| it.parse::<Release>().ok()) else {
                self.problem(at, format!("{release:?} is not a release"));
                return None;
            };
            self.known(at, [Some(release), None]);
            if timed.last().is_some_and(|(last, _)| *last >= release) {
                self.problem(at, format!("{release} follows a later release"));
            }
            let Some(value) = read(value) else {
                self.problem(at, format!("unexpected value {value:?}"));
                return None;
            };
            timed.push((release, value));
        }
        if timed.is_empty() {
            self.problem(at, "is empty");
            return None;
        }
        Some(Timed(timed))
    }

    fn known(&mut self, at: &str, releases: [Option<Release>; 2]) {
        for release in releases.into_iter().flatten().filter(|it| !it.is_known()) {
            self.problem(at, format!("{release} is not a known release of dstack"));
        }
    }

    fn parse<T: DeserializeOwned>(&mut self, at: &str, value: Value) -> Option<T> {
        match serde_yaml::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(at, error);
                None
            }
        }
    }
}

impl Bounds {
    fn none() -> Bounds {
        Bounds {
            limits: Limits::default(),
            length: Limits::default(),
            min_items: None,
            max_items: None,
            used: [true; 3],
        }
    }

    fn take_limits(&mut self) -> Limits {
        self.used[0] = true;
        self.limits.clone()
    }

    fn take_length(&mut self) -> Limits {
        self.used[1] = true;
        self.length.clone()
    }

    fn take_items(&mut self) -> (Option<Timed<u32>>, Option<Timed<u32>>) {
        self.used[2] = true;
        (self.min_items.clone(), self.max_items.clone())
    }
}

/// Removes everything before `since`.
fn later(accepted: Timed<bool>, since: Option<Release>) -> Timed<bool> {
    let Some(since) = since else { return accepted };
    let at_start = accepted.at(since).copied();
    let mut later: Vec<(Release, bool)> = accepted.0.into_iter().filter(|(release, _)| *release > since).collect();
    if let Some(it) = at_start {
        later.insert(0, (since, it));
    }
    Timed(later)
}

/// A default as it would be written.
fn written(value: &Value) -> Option<Box<str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(_) | Value::Number(_) => Some(serde_yaml::to_string(value).ok()?.trim_end().into()),
        _ => None,
    }
}

fn docs(text: Option<&str>) -> Box<str> {
    text.unwrap_or_default().trim().into()
}
