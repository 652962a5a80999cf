//! The extension for Zed: finds the language server and hands the user's settings on to it.

use zed_extension_api::{
    self as zed, serde_json::Value, settings::LspSettings, Command, LanguageServerId, Result, Worktree,
};

/// The name of the command, and of the server in Zed's settings.
const SERVER: &str = "dstack-lsp";

struct Dstack;

/// What the user has set for the server; of settings that cannot be read, nothing.
fn settings(worktree: &Worktree) -> LspSettings {
    LspSettings::for_worktree(SERVER, worktree).unwrap_or_default()
}

impl zed::Extension for Dstack {
    fn new() -> Self {
        Dstack
    }

    /// The program that the settings name, else the one on the `PATH` of the project's shell: in a project whose
    /// environment is activated there (direnv, mise), that is the one installed into it.
    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let (path, arguments, variables) =
            settings(worktree).binary.map(|it| (it.path, it.arguments, it.env)).unwrap_or_default();
        let command = path.or_else(|| worktree.which(SERVER)).ok_or_else(|| {
            format!("`{SERVER}` is not on the PATH. Install it, or say where it is: lsp.{SERVER}.binary.path")
        })?;
        let mut env = worktree.shell_env();
        env.extend(variables.unwrap_or_default());
        Ok(Command { command, args: arguments.unwrap_or_default(), env })
    }

    fn language_server_initialization_options(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(settings(worktree).initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(settings(worktree).settings)
    }
}

zed::register_extension!(Dstack);
