// The command that creates a configuration, from the skeletons that the server offers in an empty file.

import * as vscode from 'vscode';
import {
  type CompletionItem,
  CompletionItemKind,
  CompletionRequest,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
} from 'vscode-languageclient/node';
import type { Session } from './session';

export async function newConfiguration(session: Session): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const skeletons = await offered(session, folder);
  const items = skeletons.map(it => ({ label: it.label, description: it.detail ?? '', skeleton: it }));
  const item = await vscode.window.showQuickPick(items, {
    title: 'New dstack configuration',
    placeHolder: 'What shall it be?',
  });
  if (!item) {
    return;
  }
  const document = await opened(item.label.replace(/\W*\s.*/, ''), folder);
  const editor = await vscode.window.showTextDocument(document);
  const text = item.skeleton.textEdit?.newText ?? item.skeleton.insertText ?? item.label;
  await editor.insertSnippet(new vscode.SnippetString(text), new vscode.Position(0, 0));
}

/** The number of requests for skeletons: each is about a file with another name, because two commands can run at the same time. */
let asked = 0;

/** The skeletons for a file in this folder. The server is sent an empty document that is never created as a file. */
async function offered(
  session: Session,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<CompletionItem[]> {
  const client = await session.running();
  asked += 1;
  const name = `new-configuration-skeletons-${asked}.dstack.yml`;
  const place = folder ? vscode.Uri.joinPath(folder.uri, name) : vscode.Uri.parse(`untitled:${name}`);
  const uri = client.code2ProtocolConverter.asUri(place);
  const textDocument = { uri };
  const empty = { uri, languageId: 'dstack', version: 1, text: '' };
  await client.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: empty });
  try {
    const position = { line: 0, character: 0 };
    const answer = await client.sendRequest(CompletionRequest.type, { textDocument, position });
    const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
    return items.filter(it => it.kind === CompletionItemKind.Snippet);
  } finally {
    await client.sendNotification(DidCloseTextDocumentNotification.type, { textDocument });
  }
}

/** An unsaved, empty document: with an unused name in the folder, or else without a name. */
async function opened(
  kind: string,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<vscode.TextDocument> {
  if (!folder) {
    return await vscode.workspace.openTextDocument({ language: 'dstack' });
  }
  for (let number = 1; ; number++) {
    const file = vscode.Uri.joinPath(folder.uri, `${kind}${number === 1 ? '' : `-${number}`}.dstack.yml`);
    const untitled = file.with({ scheme: 'untitled' });
    const isOpen = vscode.workspace.textDocuments.some(it => it.uri.toString() === untitled.toString());
    if (!isOpen && !(await exists(file))) {
      return await vscode.workspace.openTextDocument(untitled);
    }
  }
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
