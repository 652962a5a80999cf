// The entry point: starts the server and connects all parts.

import * as vscode from 'vscode';
import { chooseRelease } from './choose-release';
import { explainRule, ruleDocuments } from './explain';
import { FixAll } from './fix-all';
import { switchLanguages } from './language';
import { newConfiguration } from './new-configuration';
import { Session } from './session';
import { showStatus } from './status';

/** The interface for other extensions and for our tests. */
export interface Api {
  /** The language server of this window. */
  readonly session: Session;
}

/** What must be stopped in order. VS Code's list of disposables does not do that, because it does not wait for them. */
let end: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const output = vscode.window.createOutputChannel('dstack', { log: true });
  const session = new Session(context, output);
  end = async () => {
    await session.dispose();
    // The last output of the server was written there.
    output.dispose();
  };
  const fixAll = new FixAll();
  const command = (name: string, run: (...given: unknown[]) => unknown) =>
    vscode.commands.registerCommand(`dstack.${name}`, async (...given: unknown[]) => {
      try {
        return await run(...given);
      } catch (error) {
        // The user has already been notified, with buttons.
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
