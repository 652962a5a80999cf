//! No secret is shown: for each field that the catalogue marks, written correctly and in many wrong ways, and for text anywhere
//! that looks like a secret.

use std::collections::BTreeSet;

use ide::{Document, Symbol};
use schema::{DocumentKind, FieldId, Release, Type, TypeId};
use yaml::{Span, Text};

use crate::check::Folder;

/// A place in a file where a field may be written.
struct Place {
    field: FieldId,
    name: &'static str,
    kind: DocumentKind,
    release: Release,
    /// The lines above.
    head: String,
    /// The text before the key on its line: spaces, perhaps with a dash.
    lead: String,
}

/// The secrets in the test documents.
const LONG: &str = "Zq9SeCrEt7xKw";
const SHORT: &str = "Zq9";

/// A field written correctly, and with mistakes: `LEAD` is replaced by the text before the key on its line, `IN` by its
/// indentation, `KEY` and `MARK` by key and value.
const FORMS: &[&str] = &[
    // Correct.
    "LEADKEY: MARK\n",
    "LEADKEY: \"MARK\"\n",
    "LEADKEY: 'MARK'\n",
    "LEAD\"KEY\": \"MARK\"\n",
    "LEADKEY: {MARK}\n",
    "LEADKEY: [MARK]\n",
    "LEADKEY: [[MARK]]\n",
    "LEADKEY:\nIN    MARK\n",
    "LEADKEY: |\nIN  MARK\nIN  MARK\n",
    "LEADKEY: >-\nIN  MARK\nIN  MARK\n",
    "LEADKEY:\nIN  - MARK\n",
    "LEADKEY: &a MARK\nINother: *a\n",
    "LEADKEY: first MARK last\n",
    "LEADKEY: first\nIN    MARK\n",
    "LEADKEY: MARK # a comment\n",
    "LEADKEY: !!str MARK\n",
    "LEADKEY: MARK\nINKEY: MARK\n",
    // Signs.
    "LEADKEY:MARK\n",
    "LEADKEY :MARK\n",
    "LEADKEY MARK\n",
    "LEADKEY = MARK\n",
    "LEADKEY=MARK\n",
    "LEADKEY::MARK\n",
    "LEADKEY: =MARK\n",
    "LEAD\"KEY\":\"MARK\"\n",
    "LEAD\"KEY\" \"MARK\"\n",
    "LEAD- KEY:MARK\n",
    "LEAD- KEY: MARK\n",
    "LEADKEY:\tMARK\n",
    "LEAD\tKEY: MARK\n",
    "LEAD  KEY: MARK\nINother:x\n",
    "LEADKEY: MARK: x\n",
    "LEADKEY: x: MARK\n",
    "LEADKEY: @MARK\n",
    "LEADKEY: %MARK\n",
    "LEADKEY: *MARK\n",
    "LEADKEY: &MARK\n",
    "LEADKEY: !MARK\n",
    "LEADKEY: `MARK`\n",
    "LEADKEY: | MARK\n",
    "LEADKEY: |\nIN  MARK\nIN x\n",
    "LEADKEY: |\nMARK\n",
    "LEADKEY: >\nIN MARK\n MARK\n",
    "LEADKEY: |-\nINMARK\n",
    "LEADKEY: >+ # a comment\n# another\n\nMARK MARK\nMARK\nINother: x\n",
    "LEADKEY: !!str |2\nIN- MARK\n",
    "LEADKEY:\nINMARK\n",
    "LEADKEY:MARK\nIN    MARK\n",
    "LEADKEY:\nIN  MARK: [\n",
    // Quotes.
    "LEADKEY: \"MARK\n",
    "LEADKEY: 'MARK\n",
    "LEADKEY: \"x\nIN  MARK\n",
    "LEADKEY: MARK\"\n",
    "LEADKEY: \"MARK\" x\n",
    "LEADKEY: \"x\" MARK\n",
    "LEADKEY: 'x'MARK\n",
    "LEADKEY:\"MARK\"\n",
    "LEADKEY:'MARK\n",
    "LEAD\"KEY: MARK\n",
    "LEADKEY\": MARK\n",
    // Brackets.
    "LEADKEY: [MARK\n",
    "LEADKEY: {MARK\n",
    "LEADKEY: MARK]\n",
    "LEADKEY: MARK}\n",
    "LEADKEY: [x, MARK\n",
    "LEADKEY: {x: MARK\n",
    "LEAD{other: u: KEY: MARK}\n",
    "LEAD{other: u, KEY:MARK}\n",
    "LEAD{other: u, KEY MARK}\n",
    "LEAD{other: u, KEY: MARK\n",
    "LEAD{other: u, KEY: \"MARK}\n",
    "LEAD{KEY: MARK, other}, x\n",
    "LEAD{\"KEY\":\"MARK\",\"other\":1\n",
    "LEAD{\nIN  \"KEY\": \"MARK\"\nIN  \"other\": 1\nIN}\n",
    "LEAD{\nIN  \"KEY\":\nIN  \"MARK\",\nIN}\n",
    // What follows it.
    "LEADKEY: MARK\nIN other: [\n",
    "LEADKEY: MARK\nINother \n",
    "LEADKEY: MARK\nIN    more: MARK\n",
    "# KEY: MARK\nLEADother: [\n",
];

#[test]
fn no_marked_field_is_shown_however_it_is_written() {
    let places = places();
    let mut files = vec![];
    let mut shown = vec![];
    for (i, place) in places.iter().enumerate() {
        // All forms for the first field with a name, and samples for the same field in other places.
        let is_known = places[..i].iter().filter(|it| it.name == place.name).count() > 0;
        let twins = [place.name.to_owned(), place.name.to_uppercase(), place.name.replace('_', "-")];
        for (j, form) in FORMS.iter().enumerate().filter(|it| !is_known || (it.0 + i) % 24 == 0) {
            for (k, key) in twins.iter().enumerate().filter(|(k, it)| *k == 0 || **it != place.name && j % 16 == i % 16)
            {
                let text = place.head.clone() + &filled(form, place, key, LONG);
                look(&text, place.kind, place.release, &LONG[..6], &mut shown);
                files.push((format!("{i}-{j}-{k}.yml"), place.kind, text));
            }
        }
    }
    assert!(shown.is_empty(), "{} times, among them\n{}", shown.len(), shown[..shown.len().min(12)].join("\n---\n"));
    report(&files, &LONG[..6]);
}

#[test]
fn short_secrets_are_not_shown_either() {
    let mut shown = vec![];
    // Text in the place of a key that is too short to be recognized as a secret is a key.
    let is_key = |form: &&&str| ["MARK: [", "{MARK", "`"].iter().any(|it| form.contains(it));
    for (i, place) in places().into_iter().enumerate() {
        for form in FORMS.iter().filter(|it| !is_key(it)).skip(i % 8).step_by(8) {
            let text = place.head.clone() + &filled(form, &place, place.name, SHORT);
            look(&text, place.kind, place.release, SHORT, &mut shown);
        }
    }
    assert!(shown.is_empty(), "{} times, among them\n{}", shown.len(), shown[..shown.len().min(12)].join("\n---\n"));
}

/// `(text, what must not be shown of it, what must be shown)`
const LOOKS: &[(&str, &str, &str)] = &[
    ("registry_auth:\n  password: hush\n\n    # Commands of it\n    hush-hush\n", "hush", "# Commands of it"),
    ("env:\n  - HF_TOKEN=hush-hush\n", "hush", "HF_TOKEN"),
    ("env:\n  - HF_TOKEN:hush-hush\n", "hush", "HF_TOKEN"),
    ("env:\n  HF_TOKEN: hush-hush\n  A: [\n", "hush", "HF_TOKEN"),
    ("env: {my_password: hush-hush, A: [1]}\n", "hush", "my_password"),
    ("env:\n  api-key: hush-hush\n  A: [1]\n", "hush", "api-key"),
    ("env:\n  - X=hf_abcdefghijklmnopqrstuvwxyz0123456789\n  - B=c d: e\n", "hf_abcdef", "X"),
    ("env:\n  X: hf_abcdefghijklmnopqrstuvwxyz0123456789: y\n", "hf_abcdef", "X"),
    ("env:\n  X: [AKIAIOSFODNN7EXAMPLE]\n", "AKIAIO", "X"),
    ("commands:\n  - git clone https://ghp_abcdefghijklmnopqrstuvwxyz0123456789@x.y: z\n", "ghp_abc", "git clone"),
    ("name: sk-proj-abcdefghijklmnopqrst\n", "sk-proj-abc", "name"),
    ("commands:\n  - a: [-----BEGIN RSA KEY-----\n    MIIEpAIBAAKCAQEA\n    -----END RSA KEY-----\n", "MIIEpA", "a"),
    ("commands:\n  - export HF_TOKEN=hush-hush && echo a: b\n", "hush", "&& echo a: b"),
    ("commands:\n  - vllm --api-key hush-hush --model x: y\n", "hush", "--model x: y"),
    ("registry_auth: {username: u, pasword: hush-hush}\n", "hush", "u"),
    ("registry_auth:\n  username: u\n  pasword: hush-hush\n", "hush", "pasword"),
    ("registry_auth: {username: someone: password: hush-hush}\n", "hush", "registry_auth: {username: "),
    ("registry_auth:\n  username: u\n  password:hush-hush\n", "hush", "  password:*"),
    // A key among secrets is shown, and only its value is hidden.
    ("registry_auth:\n  u!sername: hush-hush\n  password: x\n", "hush", "u!sername"),
    ("registry_auth:\n  <<: {usrename: hush-hush}\n  password: x\n", "hush", "usrename"),
    ("registry_auth:\n  user name: hush-hush\n  A: [\n", "hush", "user name"),
    ("registry_auth:\n  \"user: name\" : hush-hush\n  A: [\n", "hush", "user"),
    ("registry_auth:\n  имя: hush-hush\n  A: [\n", "hush", "имя"),
    ("registry_auth:\n  usrname:hush-hush\n  password: x\n", "hush", "usrname:*"),
    ("registry_auth:\n  username: u\n  pasword=hush-hush\n", "hush", "pasword="),
    // An anchor elsewhere, an alias here.
    ("name: &s Zq9_SeCrEt7xKw\nenv: {HF_TOKEN: *s}\n", "Zq9_SeC", "HF_TOKEN"),
    ("image: !!str &s Zq9_SeCrEt7xKw\nenv:\n  - a: x\n  - HF_TOKEN: *s\n", "Zq9_SeC", "HF_TOKEN"),
    ("regions: &s [{name: shown, x: Zq9_SeCrEt7xKw}]\nenv:\n  my_password: *s\n", "Zq9_SeC", "name: shown"),
    ("name: &s |\n  Zq9_SeCrEt7xKw\nenv:\n  ? api_key\n  : *s\n", "Zq9_SeC", "api_key"),
    ("env:\n  ? HF_TOKEN\n  : hush-hush\n", "hush", "HF_TOKEN"),
    ("env:\n  ? HF_TOKEN\n  : - hush-hush\n", "hush", "HF_TOKEN"),
    // Tokens anywhere.
    ("name: my-hf_abcdefghijklmnopqrstuvwxyz01234567\n", "hf_abcdef", "name: my-"),
    ("name: v1.ghp_abcdefghijklmnopqrstuvwxyz0123456789\n", "ghp_abc", "name: v1."),
    ("name: my_AKIAIOSFODNN7EXAMPLE\n", "AKIAIO", "name: my_"),
    ("commands:\n  - a: x+sk-proj-abcdefghijklmnopqrst;y\n", "sk-proj-abc", "a: x+"),
    ("env:\n  HF_TOKEN: /run/hf_abcdefghijklmnopqrstuvwxyz01234567\n", "hf_abcdef", "/run/"),
    // Passwords in URLs.
    ("repos:\n  - https://me:hunter2hunter2@host/x.git: y\n", "hunter2", "https://me:*"),
    ("commands:\n  - git clone https://me:hunter2hunter2@host/x.git a: b\n", "hunter2", "@host/x.git"),
    ("commands:\n  - pip install --index-url 'https://me:hunter2hunter2@host' a: b\n", "hunter2", "https://me:"),
    ("commands:\n  - a: http://x-access-token:hunter2hunter2@github.com\n", "hunter2", "@github.com"),
    ("env:\n  DB: [postgres://u:hunter2@h:5432/db]\n", "hunter2", "@h:5432/db"),
    ("env:\n  DB: [redis://:hunter2@h]\n", "hunter2", "redis://:*"),
    ("env:\n  DB: [postgres://u:hunter2/@x@h/db]\n", "hunter2", "postgres://u:"),
    ("env:\n  - DB=postgres://u:hunter2@h/db: x\n", "hunter2", "DB=postgres://u:"),
    ("commands:\n  - a: https://ghp_abcdefghijklmnopqrstuvwxyz0123456789:x@h\n", "ghp_abc", "https://*"),
    // Text that is not hidden.
    ("commands:\n  - git clone https://me:$TOKEN@host/x https://${U}:${TOKEN}@host: b\n", "***", "${TOKEN}@host"),
    ("commands:\n  - git clone https://me:${{ secrets.x }}@host/x: b\n", "***", "secrets.x }}@host"),
    ("commands:\n  - curl http://h:8080/x@y git@h:me/x.git ssh://git@h:22/x https://me@h: b\n", "***", "x@y git@h:me"),
    ("commands:\n  - a: docker://ubuntu:20.04@sha256:0123 http://[::1]:80/@x http://h:$PORT/@x\n", "***", "20.04@sha"),
    ("commands:\n  - a: https://user:<password>@host https://{user}:{password}@host\n", "***", "{password}@host"),
    ("env:\n  HF_TOKEN: |\n  WANDB_A\n", "***", "WANDB_A"),
    ("env:\n  HF_TOKEN: |\nimag\n", "***", "imag"),
    ("env:\n  HF_TOKEN: |\nimage:x\n", "***", "image:x"),
    ("env:\n  - HF_TOKEN: |\n  - plain value\n", "***", "plain value"),
    ("env:\n  HF_TOKEN:\n  имя: [x\n", "***", "имя: [x"),
    ("env:\n  HF_TOKEN:\n  <<: *none\n", "***", "<<: *none"),
    ("env:\n  HF_TOKEN:\n--- !a\nx: y\n", "***", "--- !a"),
    ("env:\n  HF_TOKEN:\n  ? Some.thing\n  : x\n", "***", "? Some.thing"),
    ("commands:\n  - |\n    export HF_TOKEN=\n    echo Hello to all\n", "***", "echo Hello to all"),
    ("name: &s true\nenv: {HF_TOKEN: *s, SSH_PRIVATE_KEY: ~/.ssh/id_rsa, A: [1]}\n", "***", "&s true"),
    (
        "env: {secret_name: plain, max_tokens: 7, HF_TOKEN: $HF_TOKEN, A: [1]}\n",
        "***",
        "secret_name: plain, max_tokens: 7",
    ),
    ("commands:\n  - echo key: value\n", "***", "key: value"),
    (
        "commands:\n  - a: --max-model-len 4096 --tokenizer mistral token_limit=5 max_tokens: 7\n",
        "***",
        "max_tokens: 7",
    ),
    ("fleets: [x: identity_file: ~/.ssh/id_rsa]\n", "***", "~/.ssh/id_rsa"),
    ("env:\n  - HF_HUB_ENABLE_HF_TRANSFER=1\n  - A: hf_transfer\n", "***", "hf_transfer"),
    ("env:\n  - HF_TOKEN=${{ secrets.hf_token }}\n  - A: $HF_TOKEN\n", "***", "- A: $HF_TOKEN"),
    ("env:\n  - HF_TOKEN: ${{ secrets.hf_token }}\n", "***", "${{ secrets.hf_token }}"),
    ("commands:\n  - a: task-abcdefghijklmnopqrstuvwxyz sk-learn-pipeline-for-training\n", "***", "sk-learn-pipeline"),
    ("env:\n  - HF_TOKEN=\n  - A: plain-value\n", "***", "plain-value"),
    ("model: {type: chat, name: x, format: tgi, eos_token: </s>: x}\n", "***", "</s>: x"),
];

#[test]
fn text_that_looks_like_a_secret_is_hidden_and_nothing_else() {
    let mut wrong = vec![];
    for (text, hidden, kept) in LOOKS {
        let text = format!("type: task\nbogus: 1\n{text}");
        let covered = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
        let covered = covered.secrets().covered(&text);
        look(&text, DocumentKind::Configuration, Release::NEWEST, hidden, &mut wrong);
        let folder = Folder::with(&[("a.dstack.yml", &text)]);
        let human = folder.run(&["check", "."]).stdout;
        let json = folder.run(&["check", "--format", "json", "."]).stdout;
        if [&covered, &human, &json].iter().any(|it| it.contains(hidden)) || !covered.contains(kept) {
            wrong.push(format!("{hidden} or not {kept}\n{covered}{human}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

/// The prefixes of tokens, the minimum length of what follows, and characters that may follow.
const TOKENS: &[(&str, usize, &str)] = &[
    ("hf_", 30, "Ab1"),
    ("AKIA", 16, "AB1"),
    ("ghp_", 36, "Ab1"),
    ("gho_", 36, "Ab1"),
    ("ghu_", 36, "Ab1"),
    ("ghs_", 36, "Ab1"),
    ("ghr_", 36, "Ab1"),
    ("github_pat_", 36, "Ab1_"),
    ("sk-", 20, "Ab1-_"),
];

#[test]
fn a_token_is_hidden_from_its_minimum_length_on() {
    let mut tokens = vec![];
    for (prefix, least, characters) in TOKENS {
        for length in [least - 1, *least, least + 1] {
            let token: String = prefix.chars().chain(characters.chars().cycle().take(length)).collect();
            tokens.push((token, length >= *least));
        }
    }
    // Long enough, but words: no digits and no capitals. A part of 16 characters is not a word.
    tokens.push(("sk-abcdefghijklmnop-abc".to_owned(), true));
    tokens.push(("sk-abcdefghijklmno-abcd".to_owned(), false));
    let mut wrong = vec![];
    for (token, is_hidden) in tokens {
        let text = format!("type: task\nbogus: 1\ncommands: [echo ({token}): x]\n");
        let document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
        let covered = document.secrets().covered(&text);
        let expected = if is_hidden { text.replace(&token, &"*".repeat(token.len())) } else { text.clone() };
        if covered != expected {
            wrong.push(format!("{token}: hidden is {is_hidden}\n{covered}"));
        }
        if is_hidden {
            look(&text, DocumentKind::Configuration, Release::NEWEST, &token, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

#[test]
fn the_misspelled_key_of_a_secret_is_shown_with_its_fix() {
    let text = "type: task\ncommands: [a]\nregistry_auth:\n  u!sername: hush-hush\n  password: x\n";
    let json = Folder::with(&[("a.dstack.yml", text)]).run(&["check", "--format", "json", "."]).stdout;
    assert!(json.contains("unknown field `u!sername`; did you mean `username`?"), "{json}");
    assert!(json.contains("Rename `u!sername` to `username`") && !json.contains("hush"), "{json}");
}

#[test]
fn a_message_about_a_line_with_many_short_secrets_quotes_nothing() {
    let mut shown = vec![];
    for n in [2, 200, 201, 1_000] {
        let secrets: String = (0..n).map(|i| format!(", k{i}: {i}z")).collect();
        let text = format!("projects:\n- name: main\n  backends:\n  - type: aws\n    creds: {{type: 0z{secrets}}}\n");
        look(&text, DocumentKind::ServerConfig, Release::NEWEST, "`0z`", &mut shown);
    }
    assert!(
        shown.is_empty(),
        "{}",
        shown.iter().map(|it| &it[..it.len().min(200)]).collect::<Vec<_>>().join("\n---\n")
    );
}

/// In a text of wide characters, keys cannot be recognized.
#[test]
fn no_text_of_utf_16_or_utf_32_is_shown() {
    let text = "type: task\nbogus: 1\ntoken: Zq9SeCrEt7xKw\ncommands: [a\n";
    let utf_16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let utf_32 = |to: fn(u32) -> [u8; 4]| text.chars().flat_map(|it| to(u32::from(it))).collect::<Vec<u8>>();
    let encoded = [
        ("UTF-16", [b"\xff\xfe".to_vec(), utf_16(u16::to_le_bytes)].concat()),
        ("UTF-16", [b"\xfe\xff".to_vec(), utf_16(u16::to_be_bytes)].concat()),
        ("UTF-16", utf_16(u16::to_le_bytes)),
        ("UTF-16", utf_16(u16::to_be_bytes)),
        ("UTF-32", [b"\xff\xfe\0\0".to_vec(), utf_32(u32::to_le_bytes)].concat()),
        ("UTF-32", [b"\0\0\xfe\xff".to_vec(), utf_32(u32::to_be_bytes)].concat()),
        ("UTF-32", utf_32(u32::to_le_bytes)),
        ("UTF-32", utf_32(u32::to_be_bytes)),
        // Appended by a shell that writes UTF-16.
        ("U+0000", [b"type: task\n".to_vec(), utf_16(u16::to_le_bytes)].concat()),
    ];
    for (name, bytes) in encoded {
        let folder = Folder::with(&[]);
        folder.write("a.dstack.yml", &bytes);
        for format in ["human", "json"] {
            let ran = folder.run(&["check", "--format", format, "a.dstack.yml"]);
            // Only letters: the characters between them depend on the encoding and on the report.
            let letters: String = ran.stdout.chars().filter(char::is_ascii_alphanumeric).collect();
            assert!(ran.code == Some(1) && ran.stdout.contains(name) && !letters.contains("SeCr"), "{}", ran.stdout);
        }
    }
}

/// A long line, many secrets and many messages are processed once each.
#[test]
fn all_of_a_long_text_is_hidden() {
    let secrets: String = (0..5_000).map(|i| format!("token{i}: \"hush {i} {LONG}\", ")).collect();
    for text in [
        format!("{{type: task, {secrets}}}\n"),
        format!("type: task\npassword: \"{}{LONG}\n", "x ".repeat(50_000)),
        // More than is cut into pieces.
        format!("type: task\npassword: \"{}{LONG}\n", "x ".repeat(200_000)),
        format!("type: task\n{}token: {LONG}\n", "- ".repeat(200)),
        format!("type: task\na: {}{LONG}\n", "token token: ".repeat(5_000)),
    ] {
        let document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
        let covered = document.secrets().covered(&text);
        assert!(!covered.contains(LONG) && covered.len() == text.len() && covered.starts_with(&text[..11]));
        assert_eq!(covered.chars().count(), text.chars().count());
        let said = document.secrets().hidden("unknown field `Zq9SeCrEt7xKw`; remove it");
        assert_eq!(said, "unknown field `…`; remove it");
    }
}

/// More than is cut into pieces: code in documentation is hidden too, because a hover quotes the document there.
#[test]
fn a_hover_quotes_nothing_of_a_document_with_very_long_secrets() {
    let text = format!("type: task\nname: shown\npassword: \"{}{LONG}\n", "x ".repeat(200_000));
    let document = Document::new(Text::new(&text), DocumentKind::Configuration, Release::NEWEST);
    let markdown = ide::hover(&document, text.find("name").unwrap() as u32).expect("a field").markdown;
    let code: Vec<&str> = markdown.split('`').skip(1).step_by(2).filter(|it| !it.is_empty()).collect();
    assert!(!code.is_empty() && code.iter().all(|it| *it == "…"), "{markdown}");
}

fn filled(form: &str, place: &Place, key: &str, mark: &str) -> String {
    let indent = " ".repeat(place.lead.len());
    form.replace("LEAD", &place.lead).replace("KEY", key).replace("MARK", mark).replace("IN", &indent)
}

/// All texts of the core about a document that contain `mark`.
fn look(text: &str, kind: DocumentKind, release: Release, mark: &str, acc: &mut Vec<String>) {
    let document = Document::new(Text::new(text), kind, release);
    let mut said = vec![];
    for it in ide::diagnostics(&document) {
        said.push(("path", ide::path(&document, &it).to_string()));
        said.extend(ide::fixes(&document, &it).into_iter().map(|it| ("fix", it.title)));
        said.extend(it.related.into_iter().map(|it| ("related", it.message)));
        said.push(("message", it.message));
    }
    let here = Span::at(text.find(mark).unwrap_or(0) as u32);
    let kinds = [ide::ActionKind::QuickFix, ide::ActionKind::FixAll, ide::ActionKind::Ignore];
    let actions = ide::actions(&document, here, &kinds, ide::Resolve::Later);
    said.extend(actions.into_iter().map(|it| ("action", it.title)));
    let mut symbols: Vec<Symbol> = ide::symbols(&document);
    while let Some(it) = symbols.pop() {
        said.extend([("symbol", it.name), ("detail", it.detail)]);
        symbols.extend(it.children);
    }
    let at_mark = || text.match_indices(mark).flat_map(|(at, it)| [at, at + 1, at + it.len()]);
    let steps = (0..text.len()).step_by(11);
    for at in at_mark().chain(steps).filter(|it| text.is_char_boundary(*it)) {
        said.extend(ide::hover(&document, at as u32).map(|it| ("hover", it.markdown)));
    }
    for at in at_mark().chain([text.len()]).filter(|it| text.is_char_boundary(*it)) {
        for it in ide::completion(&document, at as u32) {
            said.extend([("label", it.label), ("detail", it.detail), ("docs", it.docs)]);
        }
    }
    let shows = |it: &str| it.to_lowercase().contains(&mark.to_lowercase());
    acc.extend(said.into_iter().filter(|it| shows(&it.1)).map(|(what, it)| format!("{kind:?} {what}: {it}\n{text}")));
}

/// Runs the executable on the files and checks both reports.
fn report(files: &[(String, DocumentKind, String)], mark: &str) {
    for kind in DocumentKind::ALL {
        let files: Vec<(&str, &str)> = files.iter().filter(|it| it.1 == kind).map(|it| (&*it.0, &*it.2)).collect();
        if files.is_empty() {
            continue;
        }
        let folder = Folder::with(&files);
        let names: Vec<&str> = files.iter().map(|it| it.0).collect();
        let report = |format| {
            let ran = folder.run(&[&["check", "--kind", kind.name(), "--format", format], &names[..]].concat());
            assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
            let out = ran.stdout + &ran.stderr;
            if let Some(at) = out.find(mark) {
                let around = out[..at].char_indices().rev().nth(600).map_or(0, |it| it.0);
                panic!("{format}: {}", &out[around..out.len().min(at + 40)]);
            }
            out
        };
        let json: serde_json::Value = serde_json::from_str(&report("json")).expect("the report is JSON");
        let reported: Vec<&serde_json::Value> = json["files"].as_array().expect("a list").iter().collect();
        let paths = |with_findings: bool| {
            let files = reported.iter().filter(|it| !with_findings || it["diagnostics"] != serde_json::json!([]));
            files.filter_map(|it| it["path"].as_str()).collect::<BTreeSet<&str>>()
        };
        assert_eq!(paths(false), names.iter().copied().collect());
        let human = report("human");
        let places = human.lines().filter_map(|it| it.trim_start().strip_prefix("--> ")?.split(':').next());
        assert_eq!(paths(true), places.collect());
    }
}

/// All fields that are marked `secret: true`, each once, in a file that contains it.
fn places() -> Vec<Place> {
    let catalogue = schema::catalogue();
    let mut places = vec![];
    for kind in DocumentKind::ALL {
        let Some(root) = catalogue.named(kind.name()) else { continue };
        let mut seen = vec![];
        walk(root, &mut seen, &Lines::default(), kind, &mut places);
    }
    let marked = catalogue.names().filter_map(|(_, id)| Some((id, catalogue.mapping(id)?))).flat_map(|(id, it)| {
        let fields = it.fields.iter().enumerate().filter(|it| it.1.secret);
        fields.map(move |(index, _)| FieldId { mapping: id, index: index as u16 })
    });
    for field in marked {
        let name = &catalogue.field_by_id(field).unwrap().name;
        assert!(places.iter().any(|it| it.field == field), "no file reaches {name} of {:?}", field.mapping);
    }
    assert!(places.len() > 30);
    places
}

/// The lines of a file down to a place.
#[derive(Clone, Default)]
struct Lines {
    text: String,
    indent: usize,
    has_dash: bool,
}

impl Lines {
    fn lead(&self) -> String {
        if self.has_dash { format!("{}- ", " ".repeat(self.indent - 2)) } else { " ".repeat(self.indent) }
    }

    fn line(&self, line: &str) -> Lines {
        Lines { text: format!("{}{}{line}\n", self.text, self.lead()), has_dash: false, ..*self }
    }

    fn below(&self, key: &str) -> Lines {
        let lines = self.line(&format!("{key}:"));
        Lines { indent: lines.indent + 2, ..lines }
    }
}

/// Walks down the types of the catalogue.
fn walk(ty: TypeId, above: &mut Vec<TypeId>, lines: &Lines, kind: DocumentKind, acc: &mut Vec<Place>) {
    if above.contains(&ty) || above.len() > 14 {
        return;
    }
    above.push(ty);
    match schema::catalogue().raw(ty) {
        Some(Type::Nullable(inner)) => walk(*inner, above, lines, kind, acc),
        Some(Type::Timed(timed)) => timed.0.iter().for_each(|it| walk(it.1, above, lines, kind, acc)),
        Some(Type::Table(table)) => walk(table.value, above, &lines.below("x"), kind, acc),
        Some(Type::Sequence(it)) => {
            let item = Lines { indent: lines.indent + 2, has_dash: true, ..lines.clone() };
            walk(it.item, above, &item, kind, acc);
        }
        Some(Type::Union(union)) => {
            for (i, variant) in union.variants.iter().enumerate() {
                match (&union.discriminator, union.tags.get(i)) {
                    (Some(by), Some(tag)) => walk(*variant, above, &lines.line(&format!("{by}: {tag}")), kind, acc),
                    _ => walk(*variant, above, lines, kind, acc),
                }
            }
        }
        Some(Type::Mapping(mapping)) => {
            for (index, field) in mapping.fields.iter().enumerate() {
                let id = FieldId { mapping: ty, index: index as u16 };
                let is_new = !acc.iter().any(|it| it.field == id);
                if field.secret && is_new {
                    let first = field.accepted.0.iter().find(|it| it.1).map_or(Release::NEWEST, |it| it.0);
                    let release = if field.status(Release::NEWEST).is_accepted() { Release::NEWEST } else { first };
                    let (head, lead) = (lines.text.clone(), lines.lead());
                    acc.push(Place { field: id, name: &field.name, kind, release, head, lead });
                }
                walk(field.ty, above, &lines.below(&field.name), kind, acc);
            }
        }
        _ => {}
    }
    above.pop();
}
