//! The release of dstack that a project pins. Nothing is run.
//!
//! An exact release (a lock file, an installed package, `==`) takes precedence over a range, unless a nearer range excludes it;
//! nearer files take precedence over farther ones. A range means the newest known release in it.
//!
//! The contents of these files are never logged or shown, except for what they say about dstack.

mod files;
mod range;
mod requested;

use std::path::Path;

use ide::{Origin, Target};
use pep440_rs::{Operator, Version, VersionSpecifier};
use schema::Release;

pub(crate) use files::pin;
use range::Range;
pub(crate) use requested::Requested;

/// What a file says about dstack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// The file, relative to its folder, with `/`.
    pub(crate) file: String,
    /// The releases that it allows.
    pub(crate) range: Range,
}

/// The pin that takes precedence, of folders from the nearest to the farthest.
pub(crate) fn choose<'a>(folders: impl Iterator<Item = (&'a Path, &'a [Pin])>) -> Option<(&'a Path, &'a Pin)> {
    let mut nearest: Option<(&Path, &Pin)> = None;
    for (folder, pins) in folders {
        let fits = |version: &Version| nearest.is_none_or(|(_, it)| it.range.allows(version));
        if let Some(exact) = pins.iter().find(|it| it.range.exact().is_some_and(fits)) {
            return Some((folder, exact));
        }
        nearest = nearest.or_else(|| pins.iter().find(|it| it.range.exact().is_none()).map(|it| (folder, it)));
    }
    nearest
}

/// Maximum number of characters of a version or a range in a message.
const MAX_SHOWN: usize = 60;

fn shown(version: &str) -> String {
    schema::shown(version, MAX_SHOWN)
}

impl Pin {
    /// The release to check against; `file` is the file as it is shown.
    pub(crate) fn target(&self, file: String) -> Target {
        let range = &self.range;
        if let Some(version) = range.exact() {
            let release = known(version);
            let note = (release.to_string() != version.to_string()).then(|| {
                format!(
                    "unknown dstack release {}; using the nearest known release, {release}",
                    shown(&version.to_string())
                )
                .into()
            });
            return Target { release, origin: Origin::Pin { file: file.into(), range: None }, note };
        }
        let written = shown(&range.written);
        let shown_range = Some(written.as_str().into());
        let origin = Origin::Pin { file: file.into(), range: shown_range };
        let is_allowed = |it: &Release| it.to_string().parse::<Version>().is_ok_and(|it| range.allows(&it));
        if let Some(release) = Release::all().filter(is_allowed).last() {
            return Target { release, origin, note: None };
        }
        // The highest of the lower bounds satisfies the others too.
        let bounds = || range.any_of.iter().flat_map(|it| it.iter());
        let is_lower = |it: &&VersionSpecifier| {
            use Operator::{EqualStar, GreaterThan, GreaterThanEqual, TildeEqual};
            matches!(it.operator(), GreaterThan | GreaterThanEqual | TildeEqual | EqualStar)
        };
        let farthest = bounds().filter(is_lower).map(VersionSpecifier::version).max();
        let release = farthest.or(bounds().next().map(VersionSpecifier::version)).map_or(Release::NEWEST, known);
        let note = format!("no known dstack release matches `{written}`; using the nearest one, {release}");
        Target { release, origin, note: Some(note.into()) }
    }
}

/// The known release that is nearest to a version.
fn known(version: &Version) -> Release {
    let number = |place: usize| version.release().get(place).map_or(0, |it| u16::try_from(*it).unwrap_or(u16::MAX));
    Release::new(number(0), number(1), number(2)).nearest_known()
}

#[cfg(test)]
mod tests {
    use super::{files::NOT_TOML, *};

    /// The result for the files of one folder: release, file, note.
    fn chosen(files: &[(&str, &str)]) -> String {
        let pins: Vec<Pin> = files
            .iter()
            .filter_map(|(file, text)| Some(Pin { file: (*file).to_owned(), range: pin(file, text).ok()?? }))
            .collect();
        shown(choose([(Path::new("/a"), &pins[..])].into_iter()))
    }

    fn shown(chosen: Option<(&Path, &Pin)>) -> String {
        let Some((_, pin)) = chosen else { return "nothing".to_owned() };
        let target = pin.target(pin.file.clone());
        let note = target.note.map_or(String::new(), |it| format!(": {it}"));
        let words = format!("{} ({}){note}", target.release, target.origin.words());
        words.replace(&Release::NEWEST.to_string(), "NEWEST")
    }

    const UV: &str = r#"
version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "apscheduler"
version = "3.11.0"
source = { registry = "https://packages.example/simple" }
sdist = { url = "https://packages.example/a.tar.gz", hash = "sha256:00", size = 107347 }

[[package]]
name = "dstack"
version = "0.19.40"
source = { registry = "https://packages.example/simple" }
dependencies = [
    { name = "apscheduler" },
]

[package.optional-dependencies]
server = [{ name = "aiosqlite" }]

[[package]]
name = "my-app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "dstack", extra = ["server"] }]

[package.metadata]
requires-dist = [{ name = "dstack", extras = ["server"], specifier = ">=0.19" }]
"#;

    const POETRY: &str = r#"
# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.

[[package]]
name = "dstack"
version = "0.20.1"
description = "dstack is an open-source orchestration engine for running AI workloads."
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = [
    {file = "dstack-0.20.1-py3-none-any.whl", hash = "sha256:00"},
]

[package.extras]
all = ["dstack[aws,gcp]"]

[metadata]
lock-version = "2.1"
content-hash = "00"
"#;

    const PDM: &str = "[metadata]\ngroups = [\"default\"]\n\n[[package]]\nname = \"dstack\"\nversion = \"0.18.43\"\n";
    const PYLOCK: &str = "lock-version = \"1.0\"\n[[packages]]\nname = \"dstack\"\nversion = \"0.21.2\"\n";

    #[test]
    fn lock_files() {
        assert_eq!(chosen(&[("uv.lock", UV)]), "0.19.40 (from `uv.lock`)");
        assert_eq!(chosen(&[("poetry.lock", POETRY)]), "0.20.1 (from `poetry.lock`)");
        assert_eq!(chosen(&[("pdm.lock", PDM)]), "0.18.43 (from `pdm.lock`)");
        assert_eq!(chosen(&[("pylock.toml", PYLOCK)]), "0.21.2 (from `pylock.toml`)");
        let two = format!("{UV}\n[[package]]\nname = \"dstack\"\nversion = \"0.19.9\"\n");
        assert_eq!(chosen(&[("uv.lock", &two)]), "0.19.40 (from `uv.lock`)");
        // dstack's own checkout has no version there; and a file that only mentions dstack does not lock it.
        assert_eq!(
            chosen(&[("uv.lock", "[[package]]\nname = \"dstack\"\nsource = { editable = \".\" }\n")]),
            "nothing"
        );
        assert_eq!(chosen(&[("uv.lock", "[[package]]\nname = \"dstack-tools\"\nversion = \"0.1.0\"\n")]), "nothing");
    }

    #[test]
    fn projects() {
        let project = |text: &str| chosen(&[("pyproject.toml", text)]);
        let found = |range: &str, release: &str| format!("{release} (`{range}` in `pyproject.toml`)");
        let dependency = |it: &str| project(&format!("[project]\nname = \"a\"\ndependencies = [\"numpy\", {it:?}]\n"));
        for (requirement, range, release) in [
            ("dstack>=0.19,<0.20", ">=0.19,<0.20", "0.19.40"),
            ("dstack ~= 0.19.0", "~= 0.19.0", "0.19.40"),
            ("dstack[server,aws]~=0.20.3; python_version > '3.9'", "~=0.20.3", "0.20.29"),
            ("dstack[all] (<0.19)", "<0.19", "0.18.44"),
            ("DStack != 0.19.40, < 0.20", "!= 0.19.40, < 0.20", "0.19.39"),
            ("dstack==0.19.*", "==0.19.*", "0.19.40"),
            ("dstack", "dstack", "NEWEST"),
            ("dstack>=0.19", ">=0.19", "NEWEST"),
        ] {
            assert_eq!(dependency(requirement), found(range, release));
        }
        assert_eq!(dependency("dstack==0.19.40"), "0.19.40 (from `pyproject.toml`)");
        assert_eq!(
            dependency("dstack[server] == 0.19.40 ; sys_platform != 'win32'"),
            "0.19.40 (from `pyproject.toml`)"
        );
        for nothing in
            ["dstack-plugin==0.19.40", "dstack @ git+https://github.com/dstackai/dstack", "dstack>=latest", "x"]
        {
            assert_eq!(dependency(nothing), "nothing");
        }
        for text in [
            "[project.optional-dependencies]\nops = ['dstack~=0.19.0']\n",
            "[dependency-groups]\ndev = [{include-group = 'a'}, 'dstack~=0.19.0']\n",
            "[tool.uv]\ndev-dependencies = ['dstack~=0.19.0']\n",
            "[tool.uv]\nconstraint-dependencies = ['dstack~=0.19.0']\n",
            "[tool.pdm.dev-dependencies]\nops = ['dstack~=0.19.0']\n",
        ] {
            assert_eq!(project(text), found("~=0.19.0", "0.19.40"), "{text}");
        }
        let both = "[project]\ndependencies = ['dstack>=0.18']\n[dependency-groups]\ndev = ['dstack[server]<0.20']\n";
        assert_eq!(project(both), found(">=0.18, <0.20", "0.19.40"));
        assert_eq!(project("[project]\nname = 'dstack'\nversion = '1.0'\n"), "nothing");
        assert_eq!(project("project = 'dstack'\n[tool]\nuv = 1\npoetry = ['dstack']\n"), "nothing");
    }

    #[test]
    fn poetrys_notation() {
        let poetry =
            |value: &str| chosen(&[("pyproject.toml", &format!("[tool.poetry.dependencies]\ndstack = {value}\n"))]);
        let found = |range: &str, release: &str| format!("{release} (`{range}` in `pyproject.toml`)");
        for (range, release) in [
            ("^0.19", "0.19.40"),
            ("^0.19.3", "0.19.40"),
            ("^0.0.3", "0.18.0"),
            ("^0", "NEWEST"),
            ("~0.19", "0.19.40"),
            ("~0.19.3", "0.19.40"),
            ("~=0.19.3", "0.19.40"),
            ("0.19.*", "0.19.40"),
            ("*", "NEWEST"),
            (">=0.19 <0.20", "0.19.40"),
            (">= 0.19, < 0.20", "0.19.40"),
            ("^0.18 || ^0.20", "0.20.29"),
        ] {
            let answer = poetry(&format!("{range:?}"));
            assert!(answer.starts_with(&found(range, release)), "{range}: {answer}");
        }
        assert_eq!(poetry("\"0.19.40\""), "0.19.40 (from `pyproject.toml`)");
        assert_eq!(poetry("{version = \"^0.19\", extras = [\"server\"]}"), found("^0.19", "0.19.40"));
        assert_eq!(poetry("[{version = \"^0.19\", python = \"<3.9\"}]"), found("^0.19", "0.19.40"));
        assert_eq!(poetry("{git = \"https://github.com/dstackai/dstack\"}"), "nothing");
        let group = "[tool.poetry.group.ops.dependencies]\ndstack = '^0.19'\n";
        assert_eq!(chosen(&[("pyproject.toml", group)]), found("^0.19", "0.19.40"));
        for odd in ["^", "~", "^x", "^0.19 ||", "<", "=0.19", "^99999999999999999999"] {
            assert_eq!(
                poetry(&format!("{odd:?}")),
                if odd == "^0.19 ||" { found(odd, "NEWEST") } else { "nothing".into() }
            );
        }
    }

    #[test]
    fn requirements_files() {
        let file = |text: &str| chosen(&[("requirements/dev.txt", text)]);
        let exact = "0.19.40 (from `requirements/dev.txt`)";
        for text in [
            "dstack==0.19.40\n",
            "# tools\r\n-r base.txt\r\n--index-url https://user:secret@host/simple\r\nDSTACK[server] == 0.19.40  # pinned\r\n",
            "dstack[all]==0.19.40 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via -r requirements.in\n",
            "dstack==0.19.40 ; python_version >= '3.9' and python_version < '4.0'",
            "dstack>=0.18\ndstack==0.19.40\n",
        ] {
            assert_eq!(file(text), exact, "{text}");
        }
        assert_eq!(file("dstack~=0.20.0\n"), "0.20.29 (`~=0.20.0` in `requirements/dev.txt`)");
        for text in [
            "",
            "#dstack==0.19.40",
            "-e git+https://a#egg=dstack",
            "dstack-sky==0.1\n",
            "dstack @ file:///x",
            "./dstack",
        ] {
            assert_eq!(file(text), "nothing", "{text}");
        }
    }

    #[test]
    fn installed_packages() {
        let file = |name: &str| chosen(&[(&format!(".venv/lib/python3.12/site-packages/{name}"), "")]);
        let from = "(from `.venv/lib/python3.12/site-packages/dstack-";
        assert_eq!(file("dstack-0.19.40.dist-info"), format!("0.19.40 {from}0.19.40.dist-info`)"));
        let unknown = "unknown dstack release 0.19.99rc1; using the nearest known release, 0.19.40";
        assert_eq!(file("dstack-0.19.99rc1.dist-info"), format!("0.19.40 {from}0.19.99rc1.dist-info`): {unknown}"));
        assert_eq!(file("dstack-x.dist-info"), "nothing");
    }

    #[test]
    fn releases_that_are_not_known() {
        let file = |text: &str| chosen(&[("requirements.txt", text)]);
        let of = |release: &str, note: &str| format!("{release} (from `requirements.txt`): {note}");
        let nearest = |text: &str, near: &str| {
            of(near, &format!("unknown dstack release {text}; using the nearest known release, {near}"))
        };
        assert_eq!(file("dstack==0.19.99"), nearest("0.19.99", "0.19.40"));
        assert_eq!(file("dstack==0.19.14"), nearest("0.19.14", "0.19.13"));
        assert_eq!(file("dstack==1.0.0"), nearest("1.0.0", "NEWEST"));
        assert_eq!(file("dstack==0.19.40rc1"), nearest("0.19.40rc1", "0.19.40"));
        assert_eq!(file("dstack==0.11.2"), nearest("0.11.2", "0.18.0"));
        assert_eq!(file("dstack==99999999.1"), nearest("99999999.1", "NEWEST"));
        let none = "no known dstack release matches `>=99`; using the nearest one, NEWEST";
        assert_eq!(file("dstack>=99"), format!("NEWEST (`>=99` in `requirements.txt`): {none}"));
        let none = "no known dstack release matches `>=0.19, >=99`; using the nearest one, NEWEST";
        let both = file("dstack>=0.19\ndstack>=99\n");
        assert_eq!(both, format!("NEWEST (`>=0.19, >=99` in `requirements.txt`): {none}"));
        let none = "no known dstack release matches `<0.18`; using the nearest one, 0.18.0";
        assert_eq!(file("dstack<0.18"), format!("0.18.0 (`<0.18` in `requirements.txt`): {none}"));
    }

    #[test]
    fn a_release_precedes_a_range_and_near_precedes_far() {
        let pins = |files: &[(&str, &str)]| -> Vec<Pin> {
            files
                .iter()
                .map(|(file, text)| Pin { file: (*file).to_owned(), range: pin(file, text).unwrap().unwrap() })
                .collect()
        };
        let check = |folders: &[&[(&str, &str)]], expected: &str| {
            let folders: Vec<Vec<Pin>> = folders.iter().map(|it| pins(it)).collect();
            assert_eq!(shown(choose(folders.iter().map(|it| (Path::new("/a"), &it[..])))), expected);
        };
        let range = ("pyproject.toml", "[project]\ndependencies = ['dstack>=0.19,<0.20']\n");
        let other = ("pyproject.toml", "[project]\ndependencies = ['dstack>=0.21']\n");
        let exact = ("requirements.txt", "dstack==0.18.43\n");
        let uv = ("uv.lock", UV);
        check(&[&[uv, range]], "0.19.40 (from `uv.lock`)");
        check(&[&[range], &[uv]], "0.19.40 (from `uv.lock`)");
        check(&[&[exact], &[uv]], "0.18.43 (from `requirements.txt`)");
        check(&[&[], &[range], &[], &[other]], "0.19.40 (`>=0.19,<0.20` in `pyproject.toml`)");
        // The lock file above is that of another project.
        check(&[&[other], &[uv]], "NEWEST (`>=0.21` in `pyproject.toml`)");
        check(&[&[range], &[exact]], "0.19.40 (`>=0.19,<0.20` in `pyproject.toml`)");
        check(&[&[], &[]], "nothing");
    }

    #[test]
    fn hostile_files_pin_nothing() {
        for text in [
            "dstack [",
            "dstack = ",
            "\u{0}dstack",
            "[[package]]\nname = 1\nversion = 'dstack'\n",
            "package = 'dstack'",
        ] {
            assert_eq!(pin("uv.lock", text), Err(NOT_TOML), "{text}");
        }
        assert_eq!(pin("pyproject.toml", "dstack = 1\ndstack = 2\n"), Err(NOT_TOML));
        assert_eq!(pin("uv.lock", "not TOML at all [["), Ok(None));
        let deep = format!("dstack = {}", "[".repeat(100_000));
        assert_eq!(pin("pyproject.toml", &deep), Err(NOT_TOML));
        assert_eq!(pin("pyproject.toml", "not TOML at all [["), Err(NOT_TOML));
        let many = "dstack>=0.19\n".repeat(20_000);
        assert!(pin("requirements.txt", &many).is_ok_and(|it| it.is_some()));
        let alternatives = format!("[tool.poetry.dependencies]\ndstack = \"{}\"\n", vec!["^0.19"; 10_000].join("||"));
        assert!(pin("pyproject.toml", &alternatives).is_ok_and(|it| it.is_some()));
        let shown = chosen(&[("pyproject.toml", &alternatives)]);
        assert!(shown.starts_with("0.19.40 (`^0.19||^0.19||") && shown.ends_with("…` in `pyproject.toml`)"), "{shown}");
        let long = format!("[[package]]\nname = \"dstack\"\nversion = \"{}\"\n", vec!["1"; 50_000].join("."));
        let shown = chosen(&[("uv.lock", &long)]);
        assert!(shown.len() < 300 && shown.contains('…'), "{}", shown.len());
        let long = format!("dstack=={}\n", "9".repeat(100_000));
        assert_eq!(pin("requirements.txt", &long), Ok(None));
    }
}
