// Where VS Code enters: it starts the server and puts all parts together.

import * as vscode from 'vscode';
import { chooseRelease } from './choose-release';
import { explainRule, ruleDocuments } from './explain';
import { FixAll } from './fix-all';
import { switchLanguages } from './language';
import { newConfiguration } from './new-configuration';
import { Session } from './session';
import { showStatus } from './status';

/** What other extensions, and our tests, may ask for. */
export interface Api {
  /** The language server as this window has it. */
  readonly session: Session;
}

/** What has to end in order, which VS Code's list of what is to be disposed of does not do: it waits for nothing in it. */
let end: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const output = vscode.window.createOutputChannel('dstack', { log: true });
  const session = new Session(context, output);
  end = async () => {
    await session.dispose();
    // The server's last words went there.
    output.dispose();
  };
  const fixAll = new FixAll();
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
    showStatus(session),
    switchLanguages(session, context.workspaceState),
    ruleDocuments(session),
    command('restartServer', () => session.restart()),
    command('showOutput', () => output.show(true)),
    command('chooseRelease', () => chooseRelease(session)),
    command('newConfiguration', () => newConfiguration(session)),
    command('explainRule', rule => explainRule(session, rule)),
    command('fixAll', () => fixAll.run()),
    fixAll,
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

export async function deactivate(): Promise<void> {
  await end?.();
  end = undefined;
}
