//! Recognizes keys that name a secret: `password`, `HF_TOKEN`, `apiKey`, `--api-key`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use schema::{DocumentKind, Type};

use crate::{limits::MAX_KEY_BYTES, words};

/// The kind of value behind a key that names a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The value is a secret.
    Secret,
    /// The value is a mapping or a list that contains secrets and public values.
    Secrets,
}

/// Endings of the words of a key that names a secret.
const NOUNS: [&str; 8] =
    ["token", "password", "passwd", "passphrase", "secret", "credential", "apikey", "authorization"];
/// Short nouns that name a secret only as a whole word: `DB_PASS`, but not `compass`.
const SHORT_NOUNS: [&str; 7] = ["pass", "pwd", "pw", "passcode", "secrets", "passwords", "credentials"];
/// Words that make a following `key` a secret; `key` alone may be anything.
const KEYS: [&str; 10] =
    ["api", "access", "secret", "private", "auth", "account", "encryption", "signing", "master", "ssh"];
/// Words after the noun of keys that describe a secret and do not contain it: `token_limit`, `password_file`.
const ABOUT: [&str; 48] = [
    "budget",
    "class",
    "classification",
    "cost",
    "count",
    "dir",
    "directory",
    "disabled",
    "enabled",
    "endpoint",
    "env",
    "expiry",
    "expires",
    "field",
    "file",
    "files",
    "folder",
    "format",
    "host",
    "index",
    "kind",
    "length",
    "len",
    "level",
    "lifetime",
    "limit",
    "limits",
    "manager",
    "mode",
    "name",
    "names",
    "parallelism",
    "path",
    "paths",
    "per",
    "policy",
    "price",
    "provider",
    "rate",
    "required",
    "size",
    "store",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "usage",
];
/// Words that make a following `token` one of a language model.
const OF_TEXT: [&str; 24] = [
    "eos", "bos", "sos", "eot", "eom", "pad", "unk", "mask", "sep", "cls", "stop", "special", "begin", "end", "start",
    "next", "per", "max", "min", "num", "image", "video", "audio", "input",
];

/// Maximum number of bytes of a word in the name of a field.
const MAX_WORD_BYTES: usize = 20;

/// The kind of value behind a key of this name; `None` if the name is not that of a secret. Case, `_` and `-` make no
/// difference.
///
/// In files about credentials (`among_credentials`), `data` and `content` also name secrets.
pub(super) fn holds(name: &str, among_credentials: bool) -> Option<Holds> {
    if name.len() > MAX_KEY_BYTES || !may_name_secret(name) {
        return None;
    }
    let words = words(name);
    match catalogue_names().get(&*words) {
        Some(it) if it.everywhere || among_credentials => Some(it.holds),
        Some(_) => None,
        None => names_secret(&words).then(|| match words.rsplit('_').next() {
            Some("secrets" | "passwords" | "credentials") => Holds::Secrets,
            _ => Holds::Secret,
        }),
    }
}

/// Whether files of a kind are about credentials.
pub(super) fn is_about_credentials(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::ServerConfig | DocumentKind::ClientConfig)
}

/// Whether the catalogue has a field of this name.
pub(super) fn is_field(name: &str) -> bool {
    all_names().contains_key(name)
}

/// Whether a word is the start of the name of a field.
pub(super) fn starts_field(word: &str) -> bool {
    all_names().keys().any(|it| it.starts_with(word))
}

/// Whether a word is a field, perhaps misspelled, of a mapping that has secrets.
pub(super) fn is_field_beside_secrets(word: &str) -> bool {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let with_secrets = mappings().filter(|it| it.fields.iter().any(|it| it.secret));
        let mut names: Vec<&str> = with_secrets.flat_map(|it| &it.fields).map(|it| &*it.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    });
    words::closest(word, NAMES.iter().copied()).is_some()
}

/// The length of the words at the start of a lower-case name that occur in the names of fields or backends: `serviceaccount`,
/// `ssh_port`, `nebius`. Such words reveal nothing.
pub(super) fn vocabulary(name: &str) -> usize {
    static WORDS: LazyLock<rustc_hash::FxHashSet<&str>> = LazyLock::new(|| {
        let names = all_names().keys().flat_map(|it| it.split('_'));
        let catalogue = schema::catalogue();
        let tags = catalogue.names().filter_map(move |(_, id)| match catalogue.raw(id) {
            Some(Type::Union(union)) => Some(union.tags.iter().map(|it| &**it)),
            _ => None,
        });
        names.chain(tags.flatten()).chain(NOUNS).chain(SHORT_NOUNS).collect()
    });
    let mut end = 0;
    loop {
        let rest = name[end..].trim_start_matches('_');
        let word = rest.find('_').unwrap_or(rest.len());
        // Shorter prefixes match by chance; whole words of any length count.
        let known = (word.min(4)..=word.min(MAX_WORD_BYTES)).rev().find(|it| *it > 0 && WORDS.contains(&rest[..*it]));
        let Some(known) = known else { return end };
        end = name.len() - rest.len() + known;
    }
}

/// Whether a name has all the letters of a word that names a secret: a quick check that excludes nearly all of the thousands of
/// names that a file may have.
fn may_name_secret(name: &str) -> bool {
    static LETTERS: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let names = catalogue_names().keys().map(|it| &**it);
        let mut all: Vec<u32> = names.chain(NOUNS).chain(SHORT_NOUNS).chain(["key"]).map(letters).collect();
        all.sort_unstable_by_key(|it| it.count_ones());
        // A name with the letters of `api_key` has those of `key`.
        let mut minimal: Vec<u32> = vec![];
        for letters in all {
            if !minimal.iter().any(|it| letters & it == *it) {
                minimal.push(letters);
            }
        }
        minimal
    });
    let own = letters(name);
    !name.is_ascii() || LETTERS.iter().any(|it| own & it == *it)
}

/// The set of letters of a word, one bit for each letter in either case.
fn letters(word: &str) -> u32 {
    let letters = word.bytes().filter(u8::is_ascii_alphabetic);
    letters.fold(0, |acc, it| acc | 1 << (it.to_ascii_lowercase() - b'a'))
}

/// Whether a name with words joined by `_` names a secret.
fn names_secret(words: &str) -> bool {
    let words: Vec<&str> = words.split('_').collect();
    let is_noun = |i: usize| {
        let word = words[i];
        let before = i.checked_sub(1).map_or("", |it| words[it]);
        let stem = NOUNS.iter().find_map(|noun| word.strip_suffix(noun));
        let is_key = matches!(word, "key" | "keys") && KEYS.contains(&before)
            || word.strip_suffix("key").is_some_and(|it| KEYS.contains(&it));
        let of_text = |stem: &str| OF_TEXT.contains(&if stem.is_empty() { before } else { stem });
        stem.is_some_and(|stem| !of_text(stem)) || SHORT_NOUNS.contains(&word) || is_key
    };
    (0..words.len()).any(|i| is_noun(i) && !words[i + 1..].iter().any(|it| ABOUT.contains(it)))
}

/// The words of a name in lower case, joined by `_`: `--api-key`, `apiKey` and `API_KEY` are `api_key`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut last = ' ';
    for c in name.chars() {
        let is_start =
            !last.is_alphanumeric() || last.is_lowercase() && c.is_uppercase() || last.is_numeric() != c.is_numeric();
        if c.is_alphanumeric() {
            if is_start && !words.is_empty() {
                words.push('_');
            }
            words.extend(c.to_lowercase());
        }
        last = c;
    }
    words
}

/// A name that the catalogue marks as secret.
struct SecretName {
    holds: Holds,
    /// Whether the name also names a secret in files that are not about credentials.
    everywhere: bool,
}

/// The names that are secret in every mapping of the catalogue.
fn catalogue_names() -> &'static FxHashMap<String, SecretName> {
    static NAMES: LazyLock<FxHashMap<String, SecretName>> = LazyLock::new(|| {
        let mut scalars: FxHashMap<&str, bool> = FxHashMap::default();
        for field in fields() {
            *scalars.entry(&field.name).or_insert(true) &= is_scalar(field.ty);
        }
        let secret = all_names().iter().filter(|it| *it.1);
        secret
            .map(|(name, _)| {
                let is_scalar = scalars.get(name).is_some_and(|it| *it);
                let everywhere = !is_scalar || name.contains('_') || names_secret(&words(name));
                let holds = if is_scalar { Holds::Secret } else { Holds::Secrets };
                (name.to_string(), SecretName { holds, everywhere })
            })
            .collect()
    });
    &NAMES
}

/// All names of fields, each with whether all fields of that name are secret.
fn all_names() -> &'static FxHashMap<&'static str, bool> {
    static NAMES: LazyLock<FxHashMap<&str, bool>> = LazyLock::new(|| {
        let mut names = FxHashMap::default();
        for field in fields() {
            *names.entry(&*field.name).or_insert(true) &= field.secret;
        }
        names
    });
    &NAMES
}

fn fields() -> impl Iterator<Item = &'static schema::Field> {
    mappings().flat_map(|it| &it.fields)
}

fn mappings() -> impl Iterator<Item = &'static schema::Mapping> {
    let catalogue = schema::catalogue();
    catalogue.names().filter_map(move |(_, id)| catalogue.mapping(id))
}

/// Whether values of the type are scalars in every release.
fn is_scalar(ty: schema::TypeId) -> bool {
    let catalogue = schema::catalogue();
    match catalogue.raw(ty) {
        Some(Type::Nullable(inner)) => is_scalar(*inner),
        Some(Type::Timed(timed)) => timed.0.iter().all(|it| is_scalar(it.1)),
        Some(Type::Union(union)) => union.variants.iter().all(|it| is_scalar(*it)),
        Some(Type::Mapping(_) | Type::Table(_) | Type::Sequence(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_a_secret_are_recognized() {
        for name in [
            "token",
            "TOKEN",
            "HF_TOKEN",
            "hf-token",
            "hfToken",
            "mytoken",
            "my_password",
            "api-key",
            "apiKey",
            "--api-key",
            "OPENAI_API_KEY_2",
            "aws.secret.access-key",
            "AWS_ACCESS_KEY_ID",
            "DB_PASS",
            "pass_phrase",
            "client_secret",
            "password2",
            "registryAuth",
            "SSH_PRIVATE_KEY",
            "credentials",
            "token_value",
        ] {
            assert!(holds(name, false).is_some(), "{name}");
        }
        for name in [
            "key",
            "public_key",
            "token_limit",
            "max_tokens",
            "max_token",
            "tokenizer",
            "--max-model-len",
            "TOKENIZERS_PARALLELISM",
            "eos_token",
            "pad_token_id",
            "HF_TOKEN_PATH",
            "identity_file",
            "secret_name",
            "compass",
            "bypass",
            "data",
            "content",
            "passive",
            "hf_transfer",
            "private_key_file",
            "input_tokens",
            "auth",
        ] {
            assert_eq!(holds(name, false), None, "{name}");
        }
        assert_eq!(holds("data", true), Some(Holds::Secret));
        assert_eq!(holds("creds", false), Some(Holds::Secrets));
        assert_eq!(holds(&"token".repeat(1_000), false), None);
    }

    /// A new field whose name looks secret is either marked `secret: true` or named in the lists above.
    #[test]
    fn a_field_that_looks_secret_is_marked() {
        let looks = |it: &&str| names_secret(&words(it)) && !all_names()[*it];
        let unmarked: Vec<&str> = all_names().keys().copied().filter(looks).collect();
        assert_eq!(unmarked, ["allow_managers_manage_secrets"]);
    }
}
