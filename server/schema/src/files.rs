//! The kind of a document: decided by its name, or by its content if the name is not a dstack name.
//!
//! Files named `.dstack.yml`, `train.dstack.yml` or `.dstack/profiles.yml` are dstack files whatever they contain. Any other
//! YAML file may belong to another tool. [`DocumentKind::of_content`] treats it as a dstack file only if hardly anything else
//! fits: issue forms, service catalogs and dashboards also contain `type: service`.

use std::sync::LazyLock;

use crate::{
    catalogue::catalogue,
    model::{Field, Tells, Type, TypeId},
    view::MAX_DEPTH,
};

/// The kind of a dstack file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A configuration, which `dstack apply` reads.
    Configuration,
    /// `.dstack/profiles.yml`
    Profiles,
    /// The server's `config.yml`.
    ServerConfig,
    /// The client's `~/.dstack/config.yml`.
    ClientConfig,
    /// `.dstack/templates/*.yml`
    Template,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [DocumentKind; 5] = [
        DocumentKind::Configuration,
        DocumentKind::Profiles,
        DocumentKind::ServerConfig,
        DocumentKind::ClientConfig,
        DocumentKind::Template,
    ];

    /// The name in the output of `check` and in the catalogue: `configuration`, `profiles`, …
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Configuration => "configuration",
            DocumentKind::Profiles => "profiles",
            DocumentKind::ServerConfig => "server-config",
            DocumentKind::ClientConfig => "client-config",
            DocumentKind::Template => "template",
        }
    }

    /// The kind of a file by its path (with `/` or `\` between folders). `None` if the name is not a dstack name.
    pub fn of_path(path: &str) -> Option<DocumentKind> {
        let mut parts = path.rsplit(['/', '\\']);
        let name = parts.next()?;
        let folder = parts.next().unwrap_or("");
        let above = parts.next().unwrap_or("");
        let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))?;
        match (above, folder, stem) {
            (_, ".dstack", "profiles") => Some(DocumentKind::Profiles),
            (_, ".dstack", "config") => Some(DocumentKind::ClientConfig),
            (".dstack", "server", "config") => Some(DocumentKind::ServerConfig),
            (".dstack", "templates", _) => Some(DocumentKind::Template),
            _ if stem == ".dstack" || stem.ends_with(".dstack") => Some(DocumentKind::Configuration),
            _ => None,
        }
    }
}

/// A node of a document, as far as it shows the kind of the document. Scalars and keys are texts without quotes.
pub trait Content<'t>: Copy {
    /// The entries of a mapping; empty for other nodes.
    fn entries(self) -> impl Iterator<Item = (&'t str, Self)>;
    /// The items of a list; empty for other nodes.
    fn items(self) -> impl Iterator<Item = Self>;
    /// The text of a scalar.
    fn word(self) -> Option<&'t str>;
    /// The value of the last entry with this key.
    fn get(self, key: &str) -> Option<Self> {
        self.entries().filter(|(it, _)| *it == key).last().map(|(_, value)| value)
    }
}

impl DocumentKind {
    /// The kind of a document without a dstack name; `None` if it may belong to another tool. `alike` returns whether one word
    /// is a misspelling of another: misspelled fields are no evidence against dstack.
    ///
    /// * A configuration: `type` is one of dstack's types, at least half of the other keys are fields of that type, and
    ///   something in it is specific to dstack: a field such as `commands`, a backend, a GPU.
    /// * A template: the same for its fields, with a `configuration`.
    /// * Profiles: only `profiles`, a list of mappings with fields of profiles.
    /// * The server configuration: `projects` with `backends` that have a `type`, or projects with only a name beside another
    ///   field of the server. The client configuration: `projects` with `url` and `token`.
    pub fn of_content<'t>(root: impl Content<'t>, alike: fn(&str, &str) -> bool) -> Option<DocumentKind> {
        let is_like = |fields: &[&Field]| balance(keys(root), fields, alike).is_dstack();
        if let Some(written) = root.get("type") {
            let word = written.word()?;
            let fields = configuration_fields(word);
            return match word {
                // No other tool has this type.
                "dev-environment" => Some(DocumentKind::Configuration),
                _ if fields.is_some_and(|it| balance(keys(root), &it, alike).is_configuration(root)) => {
                    Some(DocumentKind::Configuration)
                }
                "template" if root.get("configuration").is_some() && is_like(&DocumentKind::Template.fields()) => {
                    Some(DocumentKind::Template)
                }
                _ => None,
            };
        }
        if let Some(profiles) = root.get("profiles") {
            let fields = named_fields("named-profile");
            let keys_of_all = profiles.items().flat_map(keys);
            let within = balance(keys_of_all, &fields, alike);
            return (keys(root).count() == 1 && within.known > 0 && within.is_dstack())
                .then_some(DocumentKind::Profiles);
        }
        let projects = root.get("projects")?;
        if projects.items().any(is_project_of_client) && is_like(&DocumentKind::ClientConfig.fields()) {
            return Some(DocumentKind::ClientConfig);
        }
        // If backends are configured in the UI, projects only have names; then another field of the server is required.
        let only_named = |it: _| !is_empty(it) && keys(it).all(|key| ["name", "backends"].contains(&key));
        let fields = DocumentKind::ServerConfig.fields();
        let has_other = fields.iter().any(|it| &*it.name != "projects" && root.get(&it.name).is_some());
        let is_server = projects.items().any(|it| it.get("backends").is_some_and(has_typed_item))
            || has_other && projects.items().all(only_named);
        (is_server && is_like(&fields)).then_some(DocumentKind::ServerConfig)
    }

    /// The keys that decide, at the top of a document, which kind it is: `type`, `profiles`, `projects`.
    pub fn telling_keys() -> &'static [&'static str] {
        static KEYS: LazyLock<Vec<&str>> = LazyLock::new(|| {
            let mut keys = vec![];
            for kind in DocumentKind::ALL {
                let root = catalogue().named(kind.name()).and_then(|it| catalogue().raw(it));
                let key = match root {
                    Some(Type::Union(it)) => it.discriminator.as_deref(),
                    Some(Type::Mapping(it)) => it.fields.first().map(|it| &*it.name),
                    _ => None,
                };
                keys.extend(key.filter(|it| !keys.contains(it)));
            }
            keys
        });
        &KEYS
    }

    /// The fields at the top of such a document, in whatever release.
    fn fields(self) -> Vec<&'static Field> {
        named_fields(self.name())
    }

    /// The kind of a document that the user declared to be a dstack file, by its top-level keys.
    pub fn likeliest<'t>(root: impl Content<'t>) -> DocumentKind {
        match root.get("type") {
            Some(written) if written.word() == Some("template") => DocumentKind::Template,
            Some(_) => DocumentKind::Configuration,
            None if root.get("profiles").is_some() => DocumentKind::Profiles,
            None => match root.get("projects") {
                None => DocumentKind::Configuration,
                Some(it) if it.items().any(|it| it.get("token").is_some() || it.get("url").is_some()) => {
                    DocumentKind::ClientConfig
                }
                Some(_) => DocumentKind::ServerConfig,
            },
        }
    }
}

fn is_project_of_client<'t>(project: impl Content<'t>) -> bool {
    project.get("token").is_some() && project.get("url").is_some()
}

fn keys<'t>(node: impl Content<'t>) -> impl Iterator<Item = &'t str> {
    node.entries().map(|(key, _)| key)
}

fn is_empty<'t>(node: impl Content<'t>) -> bool {
    keys(node).next().is_none()
}

fn has_typed_item<'t>(list: impl Content<'t>) -> bool {
    list.items().any(|it| it.get("type").is_some())
}

/// The evidence for and against a dstack file.
#[derive(Default)]
struct Balance {
    /// Fields of dstack, and among these the ones that hardly any other tool has.
    known: usize,
    telling: usize,
    /// Fields that files of all kinds have.
    common: usize,
    /// Misspelled fields of dstack.
    alike: usize,
    unknown: usize,
}

impl Balance {
    fn is_dstack(&self) -> bool {
        self.known >= self.unknown
    }

    /// Whether a mapping with one of dstack's types is a configuration. Types such as `task` and `service` are common, so it
    /// must contain something specific to dstack, or have no foreign key and either an image with a shared field or nothing
    /// but its `type` and possibly misspelled fields.
    fn is_configuration<'t>(&self, root: impl Content<'t>) -> bool {
        let resources = || root.get("resources").is_some_and(|it| tells_much(it, "resources"));
        let backend = || root.get("backend").and_then(Content::word).is_some_and(is_backend);
        let groups = || root.get("replicas").is_some_and(|it| it.items().any(|it| tells_much(it, "replica-group")));
        if self.telling > 0 || resources() || backend() || groups() {
            return self.is_dstack();
        }
        let is_begun = self.known == 0 && (self.common == 0 || self.alike > 0);
        let is_image = self.known > 0 && root.get("image").is_some_and(|it| it.word().is_some());
        self.unknown == 0 && (is_begun || is_image)
    }
}

/// Whether a mapping of the type `name` has a field that no other tool has.
fn tells_much<'t>(mapping: impl Content<'t>, name: &str) -> bool {
    let mut telling = named_fields(name).into_iter().filter(|it| it.tells == Tells::Much);
    telling.any(|field| mapping.get(&field.name).is_some())
}

fn is_backend(word: &str) -> bool {
    let catalogue = catalogue();
    let Some(Type::Enum(backends)) = catalogue.named("backend").and_then(|id| catalogue.raw(id)) else { return false };
    backends.values.iter().any(|it| &*it.value == word)
}

/// Counts the evidence of the keys. The singular of a plural field (`command`) does not count as misspelled: many other
/// tools have it.
fn balance<'t>(keys: impl Iterator<Item = &'t str>, fields: &[&Field], alike: fn(&str, &str) -> bool) -> Balance {
    let mut balance = Balance::default();
    for key in keys {
        if let Some(tells) = tells(key, fields) {
            match tells {
                Tells::Nothing => balance.common += usize::from(key != "type"),
                Tells::Little | Tells::Much => balance.known += 1,
            }
            balance.telling += usize::from(tells == Tells::Much);
        } else if fields.iter().any(|it| alike(key, &it.name) && it.name.strip_suffix('s') != Some(key)) {
            balance.alike += 1;
        } else {
            balance.unknown += 1;
        }
    }
    balance
}

/// What a key tells if it is one of the fields. A merge key tells nothing.
fn tells(key: &str, fields: &[&Field]) -> Option<Tells> {
    let field = fields.iter().find(|it| &*it.name == key).map(|it| it.tells);
    field.or((key == "<<").then_some(Tells::Nothing))
}

/// The fields of configurations with this `type`, in whatever release; `None` if no release knows the word.
fn configuration_fields(word: &str) -> Option<Vec<&'static Field>> {
    let catalogue = catalogue();
    let Type::Union(union) = catalogue.raw(catalogue.named(DocumentKind::Configuration.name())?)? else { return None };
    let index = union.tags.iter().position(|it| &**it == word)?;
    let mut acc = vec![];
    fields(*union.variants.get(index)?, 0, &mut acc);
    Some(acc)
}

fn named_fields(name: &str) -> Vec<&'static Field> {
    let mut acc = vec![];
    if let Some(id) = catalogue().named(name) {
        fields(id, 0, &mut acc);
    }
    acc
}

/// All fields that a mapping of this type may have in some release.
fn fields(id: TypeId, depth: u32, acc: &mut Vec<&'static Field>) {
    if depth > MAX_DEPTH {
        return;
    }
    match catalogue().raw(id) {
        Some(Type::Mapping(it)) => acc.extend(&it.fields),
        Some(Type::Union(it)) => it.variants.iter().for_each(|it| fields(*it, depth + 1, acc)),
        Some(Type::Nullable(it)) => fields(*it, depth + 1, acc),
        Some(Type::Timed(it)) => it.0.iter().for_each(|(_, it)| fields(*it, depth + 1, acc)),
        _ => {}
    }
}
