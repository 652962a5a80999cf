//! Colors and width of the human report.

use std::env;

/// Colors and width of the human report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether to use colors.
    pub(super) color: bool,
    /// Columns of the terminal.
    pub(super) width: usize,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WhenToColor {
    /// On a terminal, unless `NO_COLOR` or a similar variable is set
    Auto,
    /// Regardless of the output
    Always,
    /// Never
    Never,
}

/// Columns, if the terminal does not report them.
pub(super) const WIDTH: usize = 120;

impl Look {
    /// Colors as the user wants them: by the option, else by `NO_COLOR`, else by `FORCE_COLOR` or `CLICOLOR_FORCE`, else on a
    /// terminal that supports them, without `CLICOLOR=0`.
    pub(crate) fn new(when: WhenToColor, is_terminal: bool) -> Look {
        let is_set = |name| env::var_os(name).is_some_and(|it| !it.is_empty() && it != "0" && it != "false");
        let forced = is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE");
        let dumb = env::var_os("TERM").is_some_and(|it| it == "dumb");
        let wanted = match when {
            WhenToColor::Always => true,
            WhenToColor::Never => false,
            WhenToColor::Auto if anstyle_query::no_color() => false,
            WhenToColor::Auto if forced => true,
            WhenToColor::Auto => is_terminal && !dumb && anstyle_query::clicolor() != Some(false),
        };
        // An old console of Windows prints the codes themselves until colors are enabled.
        let color = wanted && !(is_terminal && anstyle_query::windows::enable_ansi_colors() == Some(false));
        let width = env::var("COLUMNS").ok().and_then(|it| it.parse().ok()).filter(|it| *it >= 40);
        Look { color, width: width.unwrap_or(WIDTH) }
    }
}
