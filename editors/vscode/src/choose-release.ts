// The command that chooses the release of dstack: for this file, or in the settings.

import * as vscode from 'vscode';
import { commented, edited } from './release-comment';
import { decider, type Scope, type Scopes, written } from './release-setting';
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

const TARGETS: Record<Scope, vscode.ConfigurationTarget> = {
  globalValue: vscode.ConfigurationTarget.Global,
  workspaceValue: vscode.ConfigurationTarget.Workspace,
  workspaceFolderValue: vscode.ConfigurationTarget.WorkspaceFolder,
};

interface Place extends vscode.QuickPickItem {
  write: () => Thenable<unknown>;
}

/** Asks the user where to write the choice. */
async function place(
  release: string,
  file: vscode.TextDocument | undefined,
): Promise<(() => Thenable<unknown>) | undefined> {
  const comment = file && commented(linesOf(file));
  const places: Place[] = [];
  const folder = file && vscode.workspace.getWorkspaceFolder(file.uri);
  const folders = vscode.workspace.workspaceFolders?.length ?? 0;
  const settings = vscode.workspace.getConfiguration('dstack', file?.uri);
  const scopes: Scopes = { ...settings.inspect<string>('release') };
  if (folders < 2) {
    // A single folder is the workspace.
    delete scopes.workspaceFolderValue;
  }
  const inSettings = (scope: Scope) => {
    const decides = decider(scope, scopes);
    const by = decides?.scope === 'workspaceValue' ? 'this workspace' : `the folder ${folder?.name}`;
    let detail = decides ? `The setting of ${by} decides over it: ${decides.release}` : '';
    if (comment) {
      detail = `The comment of this file decides over it: ${comment}`;
    }
    const write = () => settings.update('release', written(release, scope, scopes), TARGETS[scope]);
    return { description: 'in its settings', detail, write };
  };
  if (folder && folders > 1) {
    places.push({
      label: `$(folder) For the folder ${folder.name}`,
      ...inSettings('workspaceFolderValue'),
    });
  }
  if (folders > 0) {
    places.push({
      label: '$(root-folder) For this workspace',
      ...inSettings('workspaceValue'),
    });
  }
  if (file && (release !== 'auto' || comment)) {
    const description =
      release === 'auto' ? 'the comment that chooses is removed' : `# dstack-lsp: release=${release}`;
    places.push({ label: '$(file) For this file', description, write: () => writeComment(file, release) });
  }
  places.push({
    label: '$(account) Everywhere',
    ...inSettings('globalValue'),
    description: 'in your settings',
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
