// Where VS Code enters: it starts the server and puts all parts together.

import * as vscode from 'vscode';
import { chooseRelease } from './choose-release';
import { explainRule, ruleDocuments } from './explain';
import { switchLanguages } from './language';
import { newConfiguration } from './new-configuration';
import { Session } from './session';
import { showStatus } from './status';

/** What other extensions, and our tests, may ask for. */
export interface Api {
  /** The language server as this window has it. */
  readonly session: Session;
}

export function activate(context: vscode.ExtensionContext): Api {
  const output = vscode.window.createOutputChannel('dstack', { log: true });
  const session = new Session(context, output);
  const command = (name: string, run: (...given: unknown[]) => unknown) =>
    vscode.commands.registerCommand(`dstack.${name}`, async (...given: unknown[]) => {
      try {
        return await run(...given);
      } catch (error) {
        // Its user has been told already, with buttons.
        if (!(error instanceof vscode.CancellationError)) {
          throw error;
        }
      }
    });
  context.subscriptions.push(
    output,
    session,
    showStatus(session),
    switchLanguages(session, context.workspaceState),
    ruleDocuments(session),
    command('restartServer', () => session.restart()),
    command('showOutput', () => output.show(true)),
    command('chooseRelease', () => chooseRelease(session)),
    command('newConfiguration', () => newConfiguration(session)),
    command('explainRule', rule => explainRule(session, rule)),
    command('fixAll', () =>
      vscode.commands.executeCommand('editor.action.sourceAction', {
        kind: 'source.fixAll.dstack',
        apply: 'first',
      }),
    ),
    vscode.workspace.onDidChangeConfiguration(async change => {
      if (change.affectsConfiguration('dstack.server')) {
        await session.restart();
      }
    }),
  );
  void vscode.commands.executeCommand('setContext', 'dstack.active', true);
  // VS Code need not wait for it.
  void session.start();
  return { session };
}
