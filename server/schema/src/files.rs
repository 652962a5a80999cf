//! Which file is which kind of document, by its name.

/// What a YAML file is to dstack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// What `dstack apply` reads.
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

    /// As in the output of `check` and in the catalogue: `configuration`, `profiles`, …
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Configuration => "configuration",
            DocumentKind::Profiles => "profiles",
            DocumentKind::ServerConfig => "server-config",
            DocumentKind::ClientConfig => "client-config",
            DocumentKind::Template => "template",
        }
    }

    /// The kind of a file by its path (`/` or `\` between folders); `None` for a file that is not dstack's by its name.
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
