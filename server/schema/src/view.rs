//! What a release expects at a place: the type without null, unions and changes over time.
//!
//! Every question about what lies behind a type is answered here, so that messages, completion, hover and the reference
//! pages give the same answer, with the same limit on depth.

use crate::{
    catalogue::{Catalogue, catalogue},
    grammar::{Grammar, Problem, plain},
    model::{ConstraintKind, Enum, Field, FieldId, Mapping, Status, Type, TypeId, Union},
    release::Release,
    value::Value,
};

/// Maximum depth to which types within types are followed. The catalogue is far flatter, which a test checks; the limit
/// guards against a type that contains itself.
pub const MAX_DEPTH: u32 = 16;

/// The catalogue as one release has it.
#[derive(Clone, Copy, Debug)]
pub struct View {
    catalogue: &'static Catalogue,
    release: Release,
}

/// The kind of a YAML node, as far as a type depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Null, which a field without a value also is.
    Null,
    /// Any other scalar.
    Scalar,
    /// A mapping.
    Mapping,
    /// A list, or what pydantic takes for one.
    List,
    /// A collection that Python reads as something else.
    Other,
}

/// Why a type does not take a scalar as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Not a value of the enum.
    NotAValue,
    /// The value of the enum with this index, which is outdated, removed or not yet available. See [`Fault::rejects`].
    Outdated(u16),
    /// Not what the grammar or the plain type takes.
    Invalid(Problem),
}

/// What to do with a union whose variants a field tells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tagged {
    /// Take the union itself.
    Keep,
    /// Take the variants that the release accepts.
    Accepted,
    /// Take all variants.
    All,
}

impl View {
    /// The catalogue as `release` has it.
    pub fn new(release: Release) -> View {
        View { catalogue: catalogue(), release }
    }

    /// The release.
    pub fn release(self) -> Release {
        self.release
    }

    /// The type, which is never [`Type::Timed`]. `None` if the release has nothing of the kind.
    pub fn get(self, ty: TypeId) -> Option<&'static Type> {
        self.catalogue.get(ty, self.release)
    }

    /// The id behind [`Type::Timed`].
    pub fn resolve(self, ty: TypeId) -> Option<TypeId> {
        self.catalogue.resolve(ty, self.release)
    }

    /// The grammar of the type, if it is a scalar with one.
    pub fn grammar(self, ty: TypeId) -> Option<&'static dyn Grammar> {
        self.catalogue.grammar(self.resolve(ty)?)
    }

    /// The type without nullability.
    pub fn bare(self, ty: TypeId) -> Option<TypeId> {
        let mut id = self.resolve(ty)?;
        for _ in 0..MAX_DEPTH {
            match self.get(id)? {
                Type::Nullable(inner) => id = self.resolve(*inner)?,
                _ => break,
            }
        }
        Some(id)
    }

    /// Whether null is allowed beside the other values of the type.
    pub fn is_nullable(self, ty: TypeId) -> bool {
        self.is_nullable_within(ty, MAX_DEPTH)
    }

    fn is_nullable_within(self, ty: TypeId, depth: u32) -> bool {
        match self.get(ty).filter(|_| depth > 0) {
            Some(Type::Nullable(_)) => true,
            Some(Type::Union(it)) if it.discriminator.is_none() => {
                it.variants.iter().any(|it| self.is_nullable_within(*it, depth - 1))
            }
            Some(Type::Mapping(it)) => it.shorthand.is_some_and(|it| self.is_nullable_within(it, depth - 1)),
            _ => false,
        }
    }

    /// The types that are possible where `ty` is expected: no unions, nothing nullable, shorthands beside their mappings.
    /// Of a union that a field tells apart these are the variants that the release accepts.
    pub fn alternatives(self, ty: TypeId) -> Vec<TypeId> {
        self.collect(ty, Tagged::Accepted)
    }

    /// Like [`View::alternatives`], but a union that a field tells apart counts as one type.
    pub fn choices(self, ty: TypeId) -> Vec<TypeId> {
        self.collect(ty, Tagged::Keep)
    }

    fn collect(self, ty: TypeId, tagged: Tagged) -> Vec<TypeId> {
        let mut acc = vec![];
        self.expand(ty, tagged, MAX_DEPTH, &mut |id, _| {
            if !acc.contains(&id) {
                acc.push(id);
            }
            false
        });
        acc
    }

    /// Calls `is_found` for each of the alternatives until it returns true, and returns whether it did.
    fn expand(
        self,
        ty: TypeId,
        tagged: Tagged,
        depth: u32,
        is_found: &mut dyn FnMut(TypeId, &'static Type) -> bool,
    ) -> bool {
        let (Some(id), Some(it)) = (self.resolve(ty), self.get(ty).filter(|_| depth > 0)) else { return false };
        match it {
            Type::Nullable(inner) => self.expand(*inner, tagged, depth - 1, is_found),
            Type::Union(union) if union.discriminator.is_some() && tagged == Tagged::Keep => is_found(id, it),
            Type::Union(union) => union.variants.iter().enumerate().any(|(index, variant)| {
                let accepted = union.accepted.get(index).is_none_or(|it| it.at(self.release) == Some(&true));
                (accepted || tagged == Tagged::All) && self.expand(*variant, tagged, depth - 1, is_found)
            }),
            Type::Mapping(mapping) => {
                is_found(id, it) || mapping.shorthand.is_some_and(|it| self.expand(it, tagged, depth - 1, is_found))
            }
            _ => is_found(id, it),
        }
    }

    /// The type of the items, if a list is possible where `ty` is expected.
    pub fn item(self, ty: TypeId) -> Option<TypeId> {
        let mut found = None;
        self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |_, it| match it {
            Type::Sequence(it) => {
                found = Some(it.item);
                true
            }
            _ => false,
        });
        found
    }

    /// The type of the values, if a mapping with keys of the user's own is possible where `ty` is expected.
    pub fn table_value(self, ty: TypeId) -> Option<TypeId> {
        let mut found = None;
        self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |_, it| match it {
            Type::Table(it) => {
                found = Some(it.value);
                true
            }
            _ => false,
        });
        found
    }

    /// The mapping type, if `ty` is one mapping or null and nothing else.
    pub fn inner(self, ty: TypeId) -> Option<TypeId> {
        self.bare(ty).filter(|it| matches!(self.get(*it), Some(Type::Mapping(_))))
    }

    /// The first enum that the value, or an item of it, may be a value of.
    pub fn enumeration(self, ty: TypeId) -> Option<&'static Enum> {
        self.enumeration_within(ty, MAX_DEPTH)
    }

    fn enumeration_within(self, ty: TypeId, depth: u32) -> Option<&'static Enum> {
        let mut found = None;
        self.expand(ty, Tagged::Accepted, depth, &mut |_, it| {
            found = match it {
                Type::Enum(it) => Some(it),
                Type::Sequence(it) => self.enumeration_within(it.item, depth - 1),
                _ => None,
            };
            found.is_some()
        });
        found
    }

    /// The current values of all enums that a scalar may be a value of; enums of list items do not count.
    pub fn values(self, ty: TypeId) -> Vec<&'static str> {
        let mut acc = vec![];
        self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |_, it| {
            if let Type::Enum(it) = it {
                let current = it.values.iter().filter(|it| matches!(it.status(self.release), Status::Current));
                acc.extend(current.map(|it| &*it.value));
            }
            false
        });
        acc
    }

    /// The variant with this tag of a union that a field tells apart, as `dstack apply` or another command reads it.
    pub fn variant(self, union: &Union, tag: &str) -> Option<TypeId> {
        self.resolve(union.readable(tag, self.release)?)
    }

    /// The union told apart by the field `name` that is possible where `ty` is expected. `tag` returns the value of a field
    /// of the mapping: where another field decides first, it chooses the variant to look into, or all of them if its value
    /// is none that the release accepts.
    pub fn tagged<'t>(self, ty: TypeId, name: &str, tag: &dyn Fn(&str) -> Option<&'t str>) -> Option<&'static Union> {
        self.tagged_within(ty, name, tag, MAX_DEPTH)
    }

    fn tagged_within<'t>(
        self,
        ty: TypeId,
        name: &str,
        tag: &dyn Fn(&str) -> Option<&'t str>,
        depth: u32,
    ) -> Option<&'static Union> {
        let within = |ty: TypeId| self.tagged_within(ty, name, tag, depth - 1);
        match self.get(ty).filter(|_| depth > 0)? {
            Type::Nullable(inner) => within(*inner),
            Type::Union(union) => match union.discriminator.as_deref() {
                Some(it) if it == name => Some(union),
                Some(it) => {
                    let chosen = tag(it).and_then(|it| union.variant(it, self.release));
                    match chosen.filter(|it| it.1.is_accepted()) {
                        Some((variant, _)) => within(variant),
                        None => union.variants.iter().copied().find_map(within),
                    }
                }
                None => union.variants.iter().copied().find_map(within),
            },
            _ => None,
        }
    }

    /// The mapping and table types that are possible where `ty` is expected. `tag` returns the value of a field of the
    /// mapping, which chooses a variant; without a value that the release knows, all accepted variants are possible.
    pub fn mappings<'t>(self, ty: TypeId, tag: &dyn Fn(&str) -> Option<&'t str>) -> Vec<TypeId> {
        let mut acc = vec![];
        self.mappings_within(ty, tag, MAX_DEPTH, &mut acc);
        acc
    }

    fn mappings_within<'t>(self, ty: TypeId, tag: &dyn Fn(&str) -> Option<&'t str>, depth: u32, acc: &mut Vec<TypeId>) {
        let (Some(id), Some(it)) = (self.resolve(ty), self.get(ty).filter(|_| depth > 0)) else { return };
        match it {
            Type::Nullable(inner) => self.mappings_within(*inner, tag, depth - 1, acc),
            Type::Union(union) => {
                let chosen = union.discriminator.as_deref().and_then(tag).and_then(|it| self.variant(union, it));
                if let Some(variant) = chosen {
                    return self.mappings_within(variant, tag, depth - 1, acc);
                }
                for (index, variant) in union.variants.iter().enumerate() {
                    if union.accepted.get(index).is_none_or(|it| it.at(self.release) == Some(&true)) {
                        self.mappings_within(*variant, tag, depth - 1, acc);
                    }
                }
            }
            Type::Mapping(_) | Type::Table(_) if !acc.contains(&id) => acc.push(id),
            _ => {}
        }
    }

    /// Whether dstack takes a scalar where `ty` is expected, be it with a warning.
    pub fn takes(self, ty: TypeId, value: Value<'_>) -> bool {
        value == Value::Null && self.is_nullable(ty)
            || self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |id, it| match it {
                Type::Any => true,
                Type::Mapping(_) | Type::Table(_) | Type::Sequence(_) | Type::Union(_) => false,
                _ => self.judge(id, value).is_none_or(|fault| !fault.rejects(it, self.release)),
            })
    }

    /// Whether any alternative of `ty` is written as a node of this shape, whatever is in it.
    pub fn takes_shape(self, ty: TypeId, shape: Shape) -> bool {
        shape == Shape::Null && self.is_nullable(ty)
            || self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |_, it| match it {
                Type::Any => true,
                Type::Mapping(_) | Type::Table(_) | Type::Union(_) => shape == Shape::Mapping,
                Type::Sequence(_) => shape == Shape::List,
                _ => matches!(shape, Shape::Scalar | Shape::Null),
            })
    }

    /// What is wrong with a scalar of a scalar type, if anything is. Other types have nothing to say about scalars.
    pub fn judge(self, ty: TypeId, value: Value<'_>) -> Option<Fault> {
        let it = self.get(ty)?;
        if value == Value::Bytes {
            match it {
                Type::String(_) => return None,
                Type::Grammar(_) if self.grammar(ty).is_some_and(|it| it.takes_bytes()) => return None,
                _ => {}
            }
        }
        match it {
            Type::Enum(it) => {
                let Value::Str(word) = value else { return Some(Fault::NotAValue) };
                let Some(index) = it.index(word) else { return Some(Fault::NotAValue) };
                let is_current = matches!(it.values[index].status(self.release), Status::Current);
                (!is_current).then_some(Fault::Outdated(index as u16))
            }
            Type::Grammar(_) => {
                self.grammar(ty)?.parse(value, self.release).problems.into_iter().next().map(Fault::Invalid)
            }
            Type::String(limits) => plain::string(value, limits, self.release).map(Fault::Invalid),
            Type::Integer(limits) => plain::integer(value, limits, self.release).map(Fault::Invalid),
            Type::Float(limits) => plain::float(value, limits, self.release).map(Fault::Invalid),
            Type::Boolean => plain::boolean(value).map(Fault::Invalid),
            _ => None,
        }
    }

    /// The mapping type with this id.
    pub fn mapping(self, ty: TypeId) -> Option<&'static Mapping> {
        self.catalogue.mapping(ty)
    }

    /// The field of a mapping type by its name, whatever the release makes of it.
    pub fn field(self, mapping: TypeId, name: &str) -> Option<(FieldId, &'static Field)> {
        self.catalogue.field(mapping, name)
    }

    /// Whether the release accepts a field with this name in the mapping.
    pub fn accepts(self, mapping: TypeId, name: &str) -> bool {
        self.field(mapping, name).is_some_and(|(_, field)| field.status(self.release).is_accepted())
    }

    /// Whether the release accepts a field with this name that is meant for users.
    pub fn knows(self, mapping: TypeId, name: &str) -> bool {
        self.field(mapping, name).is_some_and(|(_, it)| !it.internal && it.status(self.release).is_accepted())
    }

    /// The fields of a mapping that users should write: neither internal nor outdated.
    pub fn usable(self, mapping: TypeId) -> impl Iterator<Item = &'static Field> {
        let fields = self.mapping(mapping).map_or(&[][..], |it| &it.fields);
        fields.iter().filter(move |it| !it.internal && matches!(it.status(self.release), Status::Current))
    }

    /// The usable fields of a mapping that users call `name`, each with whether they can mean nothing else. `is_like` finds misspelled
    /// synonyms, and is only asked where no field is called exactly so.
    pub fn called(
        self,
        mapping: TypeId,
        name: &str,
        is_like: &dyn Fn(&str, &str) -> bool,
    ) -> Vec<(&'static Field, bool)> {
        let all = |is_called: &dyn Fn(&str) -> bool| {
            let sure = self.usable(mapping).filter(|it| it.also.iter().any(|it| is_called(it)));
            let unsure = self.usable(mapping).filter(|it| it.perhaps.iter().any(|it| is_called(it)));
            sure.map(|it| (it, true)).chain(unsure.map(|it| (it, false))).collect::<Vec<_>>()
        };
        let exact = all(&|it| it == name);
        if exact.is_empty() { all(&|it| is_like(name, it)) } else { exact }
    }

    /// The usable fields of a mapping whose own mapping has a usable field that users can only mean with `name`: `resources`
    /// with `gpu` for `gpus`.
    pub fn called_below(self, mapping: TypeId, name: &str) -> Vec<(&'static Field, &'static Field)> {
        let inner = |outer: &'static Field| {
            let fields = self.inner(outer.ty).into_iter().flat_map(move |it| self.usable(it));
            fields.filter(|it| it.also.iter().any(|it| **it == *name)).map(move |it| (outer, it))
        };
        self.usable(mapping).flat_map(inner).collect()
    }

    /// The field whose value tells the variants of `ty` apart, if one does.
    pub fn discriminator(self, ty: TypeId) -> Option<&'static str> {
        let mut found = None;
        self.expand(ty, Tagged::Keep, MAX_DEPTH, &mut |_, it| {
            if let Type::Union(it) = it {
                found = it.discriminator.as_deref();
            }
            found.is_some()
        });
        found
    }

    /// How many of `keys` are fields of the mapping, in any release; of a union, of the variant that has most of them.
    pub fn known_keys(self, ty: TypeId, keys: &[&str]) -> usize {
        let mut most = 0;
        self.expand(ty, Tagged::All, MAX_DEPTH, &mut |id, _| {
            most = most.max(keys.iter().filter(|it| self.field(id, it).is_some()).count());
            false
        });
        most
    }

    /// Whether a constraint of the mapping says that the field must be omitted.
    pub fn is_forbidden(self, mapping: TypeId, name: &str) -> bool {
        let constraints = self.mapping(mapping).map_or(&[][..], |it| &it.constraints);
        constraints
            .iter()
            .filter(|it| it.holds(self.release))
            .any(|it| matches!(&it.kind, ConstraintKind::Forbidden(forbidden) if &**forbidden == name))
    }
}

impl Fault {
    /// Whether dstack rejects the scalar, which `ty` was asked about, because of it.
    pub fn rejects(&self, ty: &Type, release: Release) -> bool {
        match (self, ty) {
            (Fault::Outdated(index), Type::Enum(it)) => {
                it.values.get(*index as usize).is_some_and(|it| !it.status(release).is_accepted())
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(release: &str) -> View {
        View::new(release.parse().unwrap())
    }

    fn newest() -> View {
        View::new(Release::NEWEST)
    }

    fn named(name: &str) -> TypeId {
        catalogue().named(name).unwrap()
    }

    fn field(mapping: &str, name: &str) -> TypeId {
        catalogue().field(named(mapping), name).unwrap().1.ty
    }

    fn no_tag(_: &str) -> Option<&'static str> {
        None
    }

    /// The number of types that lie behind one another without a node in between.
    fn depth(ty: TypeId, so_far: u32) -> u32 {
        assert!(so_far < 100, "a type contains itself");
        let below = |it: &TypeId| depth(*it, so_far + 1);
        match catalogue().raw(ty) {
            Some(Type::Nullable(inner)) => below(inner),
            Some(Type::Union(it)) => it.variants.iter().map(below).max().unwrap_or(so_far),
            Some(Type::Timed(it)) => it.0.iter().map(|it| below(&it.1)).max().unwrap_or(so_far),
            Some(Type::Mapping(it)) => it.shorthand.as_ref().map_or(so_far, below),
            _ => so_far,
        }
    }

    #[test]
    fn no_type_of_the_catalogue_reaches_the_depth_limit() {
        let all = (0..).map(TypeId).take_while(|it| catalogue().raw(*it).is_some());
        let deepest = all.map(|it| depth(it, 1)).max();
        assert!(deepest.is_some_and(|it| it <= MAX_DEPTH / 2), "{deepest:?}");
    }

    #[test]
    fn null_is_removed_and_releases_are_resolved() {
        let ide = field("dev-environment", "ide");
        for release in ["0.18.0", "0.20.14"] {
            let view = view(release);
            let bare = view.bare(ide).unwrap();
            assert!(matches!(view.get(bare), Some(Type::Enum(it)) if &*it.name == "ide"), "{release}");
            assert_eq!(view.is_nullable(ide), release == "0.20.14");
            assert_eq!(view.takes(ide, Value::Null), release == "0.20.14");
        }
    }

    #[test]
    fn shorthands_count_as_alternatives() {
        let gpu = field("resources", "gpu");
        let found = newest().alternatives(gpu);
        let kinds: Vec<&Type> = found.iter().filter_map(|it| newest().get(*it)).collect();
        assert!(matches!(kinds[..], [Type::Mapping(_), Type::Grammar(_)]), "{kinds:?}");
        assert_eq!(newest().inner(gpu), Some(found[0]));
        assert_eq!(newest().grammar(found[1]).unwrap().name(), "gpu");
        assert!(newest().grammar(found[0]).is_none());
        assert!(newest().takes(gpu, Value::Str("A100:80GB:2")) && !newest().takes(gpu, Value::Str("A100:80GB:2:3")));
    }

    #[test]
    fn items_and_values_of_collections_are_found_behind_null_and_unions() {
        let env = field("task", "env");
        let item = newest().item(env).unwrap();
        assert_eq!(newest().grammar(item).unwrap().name(), "env-item");
        let value = newest().table_value(env).unwrap();
        assert!(newest().takes(value, Value::Str("text")));
        assert_eq!(newest().item(field("task", "name")), None);
        assert_eq!(newest().table_value(field("task", "name")), None);
    }

    #[test]
    fn enums_are_found_in_lists_too() {
        let backends = field("task", "backends");
        assert_eq!(newest().enumeration(backends).map(|it| &*it.name), Some("backend"));
        assert!(newest().values(backends).is_empty());
        assert_eq!(newest().values(field("task", "spot_policy")), ["spot", "on-demand", "auto"]);
        assert!(newest().enumeration(field("task", "name")).is_none());
    }

    #[test]
    fn variants_depend_on_the_release_and_the_reader() {
        let Some(Type::Union(union)) = newest().get(named("configuration")) else { panic!() };
        assert_eq!(newest().variant(union, "task"), Some(named("task")));
        assert_eq!(view("0.18.0").variant(union, "fleet"), None);
        assert_eq!(view("0.20.29").variant(union, "preset"), Some(named("preset")), "`dstack preset` reads it");
        assert_eq!(newest().variant(union, "endpoint"), None);
        let choices = newest().choices(named("configuration"));
        assert_eq!(choices, [named("configuration")]);
        let alternatives = newest().alternatives(named("configuration"));
        assert!(alternatives.contains(&named("task")) && !alternatives.contains(&named("endpoint")));
    }

    #[test]
    fn a_tag_chooses_among_mappings() {
        let root = named("configuration");
        let is_volume = |name: &str| (name == "type").then_some("volume");
        assert_eq!(newest().mappings(root, &|name| (name == "type").then_some("task")), [named("task")]);
        let all = newest().mappings(root, &no_tag);
        assert!(all.contains(&named("task")) && all.len() > 8, "{all:?}");
        let by_backend = newest().tagged(root, "backend", &is_volume).unwrap();
        assert!(by_backend.tags.iter().any(|it| &**it == "aws"));
        assert!(newest().tagged(root, "backend", &|name| (name == "type").then_some("task")).is_none());
        assert!(newest().tagged(root, "backend", &no_tag).is_some(), "any variant is possible");
        assert!(newest().tagged(root, "type", &no_tag).is_some());
    }

    #[test]
    fn shapes_are_those_of_any_alternative() {
        let takes = |ty: TypeId| {
            [Shape::Null, Shape::Scalar, Shape::Mapping, Shape::List, Shape::Other]
                .map(|it| newest().takes_shape(ty, it))
        };
        assert_eq!(takes(field("task", "env")), [false, false, true, true, false]);
        assert_eq!(takes(field("resources", "gpu")), [true, true, true, false, false]);
        assert_eq!(takes(named("configuration")), [false, false, true, false, false]);
        assert_eq!(takes(field("task", "commands")), [false, false, false, true, false]);
    }

    #[test]
    fn scalars_are_judged() {
        let python = field("task", "python");
        assert_eq!(
            newest().judge(field("task", "commands"), Value::Str("a")),
            None,
            "a list says nothing about scalars"
        );
        let python = newest().bare(python).unwrap();
        assert!(matches!(newest().judge(python, Value::Str("2.7")), Some(Fault::NotAValue | Fault::Invalid(_))));
        let spot = newest().bare(field("task", "spot_policy")).unwrap();
        assert_eq!(newest().judge(spot, Value::Str("auto")), None);
        assert_eq!(newest().judge(spot, Value::Str("sometimes")), Some(Fault::NotAValue));
        assert_eq!(newest().judge(spot, Value::Bool(true)), Some(Fault::NotAValue));
        let ide = view("0.18.0").bare(field("dev-environment", "ide")).unwrap();
        let fault = view("0.18.0").judge(ide, Value::Str("cursor")).unwrap();
        let ty = view("0.18.0").get(ide).unwrap();
        assert!(matches!(fault, Fault::Outdated(_)) && fault.rejects(ty, "0.18.0".parse().unwrap()));
    }

    #[test]
    fn bytes_pass_where_pydantic_decodes_them() {
        let name = newest().bare(field("task", "image")).unwrap();
        let takes_bytes = newest().grammar(name).is_none_or(|it| it.takes_bytes());
        assert_eq!(newest().takes(name, Value::Bytes), takes_bytes);
        assert!(!newest().takes(field("task", "nodes"), Value::Bytes));
        assert!(!newest().takes(field("resources", "gpu"), Value::Bytes));
    }

    #[test]
    fn fields_are_found_by_their_synonyms() {
        let called = |mapping: &str, name: &str| -> Vec<(&str, bool)> {
            let found = newest().called(named(mapping), name, &|one, other| one.len() == other.len() + 1);
            found.into_iter().map(|it| (&*it.0.name, it.1)).collect()
        };
        assert_eq!(called("task", "cmd"), [("commands", true)]);
        assert_eq!(called("dev-environment", "cmd"), [("init", false)]);
        assert_eq!(called("task", "timeout"), [("max_duration", false)]);
        assert_eq!(called("gpu-spec", "vram"), [("memory", false)]);
        assert_eq!(called("task", "environments"), [("env", true)], "misspelled");
        assert_eq!(called("fleet", "cmd"), []);
        let below = |mapping: &str, name: &str| -> Vec<(&str, &str)> {
            let found = newest().called_below(named(mapping), name);
            found.into_iter().map(|it| (&*it.0.name, &*it.1.name)).collect()
        };
        assert_eq!(below("task", "gpus"), [("resources", "gpu")]);
        assert_eq!(below("fleet", "ram"), [("resources", "memory")]);
        assert_eq!(below("task", "minimum"), []);
    }

    #[test]
    fn a_type_names_what_tells_its_variants_apart() {
        assert_eq!(newest().discriminator(named("configuration")), Some("type"));
        assert_eq!(newest().discriminator(named("volume")), Some("backend"));
        assert_eq!(newest().discriminator(named("task")), None);
    }

    #[test]
    fn fields_are_seen_from_the_release() {
        let task = named("task");
        assert!(newest().accepts(task, "idle_duration") && !newest().accepts(task, "termination_policy"));
        assert!(view("0.18.43").accepts(task, "termination_policy"));
        assert!(newest().knows(task, "name") && !newest().knows(task, "nonsense"));
        assert!(view("0.18.43").usable(task).all(|it| &*it.name != "termination_policy"), "it is outdated there");
        assert_eq!(newest().known_keys(named("configuration"), &["commands", "nodes", "nonsense"]), 2);
    }
}
