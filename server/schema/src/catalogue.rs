//! The catalogue, decoded once from the blob that `build.rs` compiles from `catalogue/*.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::{
    grammar::{self, Grammar},
    model::{Compiled, Field, FieldId, Mapping, Skeleton, Type, TypeId},
    release::Release,
};

/// The types and fields of all dstack files.
#[derive(Debug)]
pub struct Catalogue {
    compiled: Compiled,
    names: FxHashMap<Box<str>, TypeId>,
    /// The grammar of each type that is a scalar with one, so that binding a scalar needs no lookup by name.
    grammars: Vec<Option<&'static dyn Grammar>>,
}

/// The catalogue.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let blob = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.json"));
        // The build script writes and checks the blob; an invalid one leaves a catalogue without types.
        let compiled: Compiled = serde_json::from_slice(blob).unwrap_or_default();
        let names = compiled.names.iter().cloned().collect();
        let grammar = |ty: &Type| match ty {
            Type::Grammar(name) => grammar::named(name),
            _ => None,
        };
        let grammars = compiled.types.iter().map(grammar).collect();
        Catalogue { compiled, names, grammars }
    });
    &CATALOGUE
}

impl Catalogue {
    /// The type with this name: a kind of document (`configuration`, `profiles`), a configuration (`task`), or a part (`gpu`).
    pub fn named(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// All named types, in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = (&str, TypeId)> {
        self.compiled.names.iter().map(|(name, id)| (&**name, *id))
    }

    /// Files to begin with, the likeliest first.
    pub fn skeletons(&self) -> &[Skeleton] {
        &self.compiled.skeletons
    }

    /// All mapping types that have a name.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.names().filter_map(|(_, id)| self.mapping(id))
    }

    /// The type as defined, which may be [`Type::Timed`].
    pub fn raw(&self, id: TypeId) -> Option<&Type> {
        self.compiled.types.get(id.0 as usize)
    }

    /// The type in `release`, which is never [`Type::Timed`]. `None` if the release has no such type.
    pub fn get(&self, id: TypeId, release: Release) -> Option<&Type> {
        match self.compiled.types.get(id.0 as usize)? {
            Type::Timed(timed) => self.get(*timed.at(release)?, release),
            it => Some(it),
        }
    }

    /// The id behind [`Type::Timed`] in `release`.
    pub fn resolve(&self, id: TypeId, release: Release) -> Option<TypeId> {
        match self.compiled.types.get(id.0 as usize)? {
            Type::Timed(timed) => self.resolve(*timed.at(release)?, release),
            _ => Some(id),
        }
    }

    /// The grammar of a type that is a scalar with one.
    pub fn grammar(&self, id: TypeId) -> Option<&'static dyn Grammar> {
        self.grammars.get(id.0 as usize).copied().flatten()
    }

    /// The field of a mapping type by its name, whatever the release.
    pub fn field(&self, mapping: TypeId, name: &str) -> Option<(FieldId, &Field)> {
        let Type::Mapping(it) = self.compiled.types.get(mapping.0 as usize)? else { return None };
        let index = it.fields.iter().position(|field| &*field.name == name)?;
        Some((FieldId { mapping, index: index as u16 }, &it.fields[index]))
    }

    /// The field with this id.
    pub fn field_by_id(&self, id: FieldId) -> Option<&Field> {
        self.mapping(id.mapping)?.fields.get(id.index as usize)
    }

    /// The mapping type with this id.
    pub fn mapping(&self, id: TypeId) -> Option<&Mapping> {
        match self.compiled.types.get(id.0 as usize)? {
            Type::Mapping(it) => Some(it),
            _ => None,
        }
    }
}
