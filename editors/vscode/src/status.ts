// The item in the status bar: the release that the file is checked against, or that the server is down.

import * as vscode from 'vscode';
import type { Session } from './session';

export function showStatus(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('dstack.release', vscode.StatusBarAlignment.Right, 90);
  item.name = 'dstack release';

  const update = () => {
    const document = vscode.window.activeTextEditor?.document;
    const release = document && session.release(document.uri);
    if (!document || !(release || document.languageId === 'dstack')) {
      item.hide();
      return;
    }
    const version = session.server ? `dstack-lsp ${session.server.version}` : '';
    item.backgroundColor = undefined;
    item.command = 'dstack.chooseRelease';
    if (session.health === 'stopped') {
      item.text = '$(error) dstack';
      item.tooltip = tooltip('The language server is not running. Click to start it again.');
      item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
      item.command = 'dstack.restartServer';
    } else if (release) {
      item.text = `${release.note ? '$(warning) ' : ''}dstack ${release.release}`;
      const source = release.source ? ` ${release.source}` : '';
      const note = release.note ? `$(warning) ${release.note}` : '';
      item.tooltip = tooltip(`Checked against **dstack ${release.release}**${source}`, note, version);
    } else {
      item.text = session.health === 'starting' ? '$(loading~spin) dstack' : 'dstack';
      item.tooltip = tooltip(version);
    }
    item.show();
  };

  update();
  return vscode.Disposable.from(
    item,
    session.onDidChange(update),
    session.onDidDecide(update),
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidOpenTextDocument(update),
  );
}

function tooltip(...paragraphs: string[]): vscode.MarkdownString {
  const links =
    '[Choose release](command:dstack.chooseRelease) · [Restart server](command:dstack.restartServer) · [Show output](command:dstack.showOutput)';
  const text = new vscode.MarkdownString([...paragraphs, links].filter(Boolean).join('\n\n'), true);
  text.isTrusted = {
    enabledCommands: ['dstack.chooseRelease', 'dstack.restartServer', 'dstack.showOutput'],
  };
  return text;
}
