// The command that chooses the release of dstack: for this file, or in the settings.

import * as vscode from 'vscode';
import { commented, edited } from './release-comment';
import { releases } from './server';
import type { Session } from './session';

export async function chooseRelease(session: Session): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const file =
    document && (document.languageId === 'dstack' || session.release(document.uri)) ? document : undefined;
  const release = await picked(session, file);
  const write = release === undefined ? undefined : await place(release, file);
  await write?.();
}

interface Choice extends vscode.QuickPickItem {
  release?: string;
}

async function picked(session: Session, file: vscode.TextDocument | undefined): Promise<string | undefined> {
  const known = releases(await session.ask('releases'));
  const current = file && session.release(file.uri);
  const isAuto = current && !['setting', 'comment'].includes(current.origin);
  const items: Choice[] = [
    {
      label: 'auto',
      description: isAuto ? `in use: ${current.release} ${current.source}`.trim() : '',
      detail: 'What the project pins or has installed, else the newest',
      release: 'auto',
    },
    { label: 'releases', kind: vscode.QuickPickItemKind.Separator },
    ...known.map(release => ({
      label: release,
      description: [
        release === known[0] ? 'the newest' : '',
        release === current?.release ? `in use ${current.source}`.trim() : '',
      ]
        .filter(Boolean)
        .join(', '),
      release,
    })),
  ];
  const item = await vscode.window.showQuickPick(items, {
    title: 'Release of dstack',
    placeHolder: 'Which release shall files be checked against?',
  });
  return item?.release;
}

interface Place extends vscode.QuickPickItem {
  write: () => Thenable<unknown>;
}

/** Asks where the choice is to be written. */
async function place(
  release: string,
  file: vscode.TextDocument | undefined,
): Promise<(() => Thenable<unknown>) | undefined> {
  const inSettings = (target: vscode.ConfigurationTarget) => () =>
    vscode.workspace
      .getConfiguration('dstack', file?.uri)
      .update('release', release === 'auto' ? undefined : release, target);
  const comment = file && commented(linesOf(file));
  const decides = comment ? `The comment of this file decides over it: ${comment}` : '';
  const places: Place[] = [];
  const folder = file && vscode.workspace.getWorkspaceFolder(file.uri);
  const folders = vscode.workspace.workspaceFolders?.length ?? 0;
  if (folder && folders > 1) {
    places.push({
      label: `$(folder) For the folder ${folder.name}`,
      description: 'in its settings',
      detail: decides,
      write: inSettings(vscode.ConfigurationTarget.WorkspaceFolder),
    });
  }
  if (folders > 0) {
    places.push({
      label: '$(root-folder) For this workspace',
      description: 'in its settings',
      detail: decides,
      write: inSettings(vscode.ConfigurationTarget.Workspace),
    });
  }
  if (file && (release !== 'auto' || comment)) {
    const description =
      release === 'auto' ? 'the comment that chooses is removed' : `# dstack-lsp: release=${release}`;
    places.push({ label: '$(file) For this file', description, write: () => writeComment(file, release) });
  }
  places.push({
    label: '$(account) Everywhere',
    description: 'in your settings',
    detail: decides,
    write: inSettings(vscode.ConfigurationTarget.Global),
  });
  const item = await vscode.window.showQuickPick(places, {
    title: `Release of dstack: ${release}`,
    placeHolder: 'Where shall it hold?',
  });
  return item?.write;
}

function linesOf(file: vscode.TextDocument): string[] {
  return Array.from({ length: file.lineCount }, (_, line) => file.lineAt(line).text);
}

async function writeComment(file: vscode.TextDocument, release: string): Promise<void> {
  const edit = edited(linesOf(file), release);
  if (edit) {
    const { start, end, text } = edit;
    const all = new vscode.WorkspaceEdit();
    all.replace(file.uri, new vscode.Range(start.line, start.column, end.line, end.column), text);
    await vscode.workspace.applyEdit(all);
  }
}
