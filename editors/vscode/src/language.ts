// YAML files that are dstack's by their content get the language `dstack`, so that other YAML extensions leave them alone.

import * as vscode from 'vscode';
import type { Session } from './session';

/** Where we remember which files their users want to be plain YAML. */
const DECLINED = 'declined';

/** Switches the language of such a file, once: whoever switches back is not asked again. */
export function switchLanguages(session: Session, memory: vscode.Memento): vscode.Disposable {
  /** Documents that we have switched and that are still open. */
  const switched = new Set<string>();
  const declined = new Set(memory.get<string[]>(DECLINED, []));

  const look = async (uri: vscode.Uri) => {
    const key = uri.toString();
    const document = vscode.workspace.textDocuments.find(it => it.uri.toString() === key);
    if (document?.languageId !== 'yaml' || !session.release(uri) || declined.has(key)) {
      return;
    }
    switched.add(key);
    await vscode.languages.setTextDocumentLanguage(document, 'dstack');
  };

  return vscode.Disposable.from(
    session.onDidDecide(look),
    vscode.workspace.onDidOpenTextDocument(async document => {
      // A document that was not closed for good, and is YAML again: its user has said so.
      const key = document.uri.toString();
      if (document.languageId === 'yaml' && switched.has(key)) {
        declined.add(key);
        await memory.update(DECLINED, [...declined]);
      }
    }),
    vscode.workspace.onDidCloseTextDocument(document => {
      // To switch the language closes a document, too, but not for good.
      if (document.isClosed) {
        switched.delete(document.uri.toString());
      }
    }),
  );
}
