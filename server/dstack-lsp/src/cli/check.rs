//! `dstack-lsp check`: the diagnostics of an editor, in a terminal.

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    sync::Mutex,
};

use ide::{Level, RuleId, Severity};
use schema::DocumentKind;

use super::{
    checked::Checked,
    file::{Checker, FileOrigin, Outcome},
    output::{COULD_NOT_RUN, complain, note, print, warn},
    parallel::in_parallel,
    report::{Format, Look, Run, WhenToColor},
};
use crate::{
    config::{self, Config},
    disk::{self, Source},
    log,
    pins::{ConfigSource, Pins},
    release::Requested,
    sync::lock,
};

/// The exit statuses, which scripts rely on; shown below the options in the help.
const EXIT_STATUS: &str = "\
Exit status:
  0  no errors; there may be warnings, or no dstack files
  1  errors were found (0 with `--exit-zero`)
  2  something could not be checked or written, or an argument is invalid";

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    /// Files and folders to check; folders are searched for dstack files, `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The release of dstack to check against; `auto`: the configuration's, else the project's pin, else the newest known
    #[arg(long, default_value = "auto")]
    release: Requested,
    /// The level of a rule: `off`, `error`, `warning`, `info` or `hint`; may be repeated
    #[arg(long = "rule", value_name = "RULE=LEVEL")]
    rules: Vec<RuleLevel>,
    /// The configuration, instead of the nearest `dstack-lsp.toml` or `pyproject.toml`; its patterns are relative to the
    /// current folder
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    no_config: bool,
    /// The kind of all files [default: by name and content]
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(DocumentKind::ALL.map(DocumentKind::name)))]
    kind: Option<String>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// When to use colors [default: auto]
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", hide_default_value = true)]
    color: WhenToColor,
    /// Count findings by rule and by file instead of listing them
    #[arg(long)]
    statistics: bool,
    /// Apply all safe fixes first; fixed standard input is printed to standard output, and its findings to standard error
    #[arg(long)]
    fix: bool,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    exit_zero: bool,
    /// The file name for standard input
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) log: log::Options,
}

/// The level of a rule, as the user wrote it.
#[derive(Clone, Debug)]
struct RuleLevel(RuleId, Level);

impl FromStr for RuleLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<RuleLevel, String> {
        let (name, level) = text.split_once('=').ok_or("expected `RULE=LEVEL`, such as `deprecated-field=off`")?;
        let rule = ide::rules::named(name).ok_or_else(|| {
            let meant = ide::closest(name, ide::rules::all().iter().map(|it| it.name()));
            let hint = meant.map_or("`dstack-lsp explain` lists them".to_owned(), |it| format!("did you mean `{it}`?"));
            format!("unknown rule `{name}`; {hint}")
        })?;
        let found = Level::all().find(|it| it.name() == level);
        let all = || ide::or(&Level::all().map(|it| format!("`{}`", it.name())).collect::<Vec<_>>());
        Ok(RuleLevel(rule.id, found.ok_or_else(|| format!("unknown level `{level}`; expected {}", all()))?))
    }
}

/// Reads the configuration that the user named. Its file is relative to the current folder, as its patterns are.
fn read_config(path: &Path) -> Result<Config, String> {
    let name = disk::shown(path);
    let text = disk::config_file(path).unwrap_or_else(|| Err("does not exist".to_owned()));
    let text = text.map_err(|problem| format!("`{name}` {problem}"))?;
    let is_project = path.file_name().is_some_and(|it| it == config::PROJECT);
    let config = if is_project { Config::parse_project(&text) } else { Some(Config::parse(&text)) };
    let mut config = config.ok_or_else(|| format!("`{name}` has no table `[tool.dstack-lsp]`"))?;
    config.file = path.to_owned();
    Ok(config)
}

/// Checks everything that the arguments name, and reports.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let from_stdin = arguments.paths.is_empty() && arguments.stdin_filename.is_some();
    let paths = match &arguments.paths[..] {
        [] => vec![PathBuf::from(if from_stdin { "-" } else { "." })],
        paths => paths.to_vec(),
    };
    let config = match arguments.config.as_deref().map(read_config).transpose() {
        Ok(config) => config,
        Err(problem) => {
            complain(&problem);
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    let here = disk::folder_of(Path::new("-"));
    let found = disk::find(&paths);
    if arguments.fix {
        disk::remove_leftovers_beside(&found.sources);
    }
    let kind = |name: &str| DocumentKind::ALL.into_iter().find(|it| it.name() == name);
    let checker = Checker {
        fix: arguments.fix,
        kind: arguments.kind.as_deref().and_then(kind),
        stdin_filename: arguments.stdin_filename.as_deref(),
        release: arguments.release.named(),
        rules: arguments.rules.iter().map(|it| (it.0, it.1)).collect(),
        config: match &config {
            Some(config) => ConfigSource::Given(&here, config),
            None if arguments.no_config => ConfigSource::Nowhere,
            None => ConfigSource::Nearest,
        },
        pins: Pins::default(),
        here: &here,
        notes: Mutex::default(),
        config_problems: Mutex::default(),
    };
    // Its mistakes are reported even if no file is found.
    checker.note_config(config.as_ref().map(|it| it.report(&here)));
    let origin = |index| if found.named.contains(&index) { FileOrigin::Named } else { FileOrigin::Found };
    let sources: Vec<_> = found.sources.iter().enumerate().map(|(index, it)| (it, origin(index))).collect();
    let results = in_parallel(&sources, |(source, origin)| checker.check(source, *origin));
    let outcomes = |places: &[usize]| places.iter().map(|it| (&found.sources[*it], &results[*it])).collect::<Vec<_>>();
    let without_files = |(folder, places): &(PathBuf, Vec<usize>)| without_files(folder, &outcomes(places));
    let warnings: Vec<String> = found.folders.iter().filter_map(without_files).collect();
    let mut problems = found.problems;
    let mut checked = vec![];
    for result in results {
        match result {
            Ok(Outcome::Checked(it)) => checked.push(*it),
            Ok(Outcome::NotDstack | Outcome::Excluded { .. }) => {}
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(checked.iter().filter_map(|it: &Checked| it.unwritten.clone()));
    problems.extend(lock(&checker.config_problems).values().flatten().cloned());

    // With `--fix`, the fixed standard input goes to standard output.
    let to_stderr = arguments.fix && found.sources.contains(&Source::Stdin);
    let is_terminal = if to_stderr { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
    let look = Look::new(arguments.color, is_terminal);
    let run = Run { checked: &checked, release: checker.release.map(|it| it.release) };
    let report = arguments.format.render(run, look, arguments.statistics);
    if to_stderr {
        // A closed standard error is no reason to fail.
        let _ = io::stderr().lock().write_all(report.as_bytes());
    } else if let Err(error) = print(&report) {
        problems.push(format!("cannot write to standard output: {error}"));
    }
    lock(&checker.notes).iter().for_each(|it| note(it));
    warnings.iter().for_each(|it| warn(it));
    problems.iter().for_each(|it| complain(it));
    let errors = checked.iter().flat_map(|it| &it.diagnostics).any(|it| it.diagnostic.severity == Severity::Error);
    match (problems.is_empty(), errors && !arguments.exit_zero) {
        (false, _) => ExitCode::from(COULD_NOT_RUN),
        (true, true) => ExitCode::from(1),
        (true, false) => ExitCode::SUCCESS,
    }
}

/// The warning about a folder in which no file was checked; `None` if any was.
fn without_files(folder: &Path, outcomes: &[(&Source, &Result<Outcome, String>)]) -> Option<String> {
    let mut excluded_by = BTreeSet::new();
    let mut are_dstack_files_excluded = false;
    for (source, outcome) in outcomes {
        match outcome {
            Ok(Outcome::Excluded { by }) => {
                excluded_by.insert(format!("`{by}`"));
                are_dstack_files_excluded |= matches!(source, Source::File(_));
            }
            Ok(Outcome::NotDstack) => {}
            Ok(Outcome::Checked(_)) | Err(_) => return None,
        }
    }
    let folder = disk::shown(folder);
    let configs = excluded_by.into_iter().collect::<Vec<_>>().join(", ");
    let none =
        format!("no dstack files in `{folder}`: none ends in `.dstack.yml`, and no other YAML file looks like one");
    let what = match (are_dstack_files_excluded, configs.is_empty()) {
        (true, _) => format!("all dstack files in `{folder}` are excluded by {configs}"),
        // Whether these are dstack files depends on their content, which is not read.
        (false, false) => format!("{none}, not counting those that are excluded by {configs}"),
        (false, true) => none,
    };
    Some(format!("{what}; pass a file by name to check it anyway"))
}
