// YAML files that are dstack files by their content get the language `dstack`, so that other YAML extensions ignore them.

import * as vscode from 'vscode';
import type { Session } from './session';

/** The key under which the files are stored that the user wants to be plain YAML. */
const DECLINED = 'declined';

/** Switches the language of such a file, once: if the user switches back, it stays so. */
export function switchLanguages(session: Session, memory: vscode.Memento): vscode.Disposable {
  /** Documents that have had the language `dstack` since they were opened, by their name or by this class. */
  const known = new Set<string>();
  const declined = new Set(memory.get<string[]>(DECLINED, []));

  /** Only files: an unsaved document has a name that another document gets later. */
  const remember = () =>
    memory.update(
      DECLINED,
      [...declined].filter(it => it.startsWith('file:')),
    );

  const look = async (uri: vscode.Uri) => {
    const key = uri.toString();
    const document = vscode.workspace.textDocuments.find(it => it.uri.toString() === key);
    if (document?.languageId !== 'yaml' || !session.release(uri) || declined.has(key)) {
      return;
    }
    await vscode.languages.setTextDocumentLanguage(document, 'dstack');
  };

  const opened = async (document: vscode.TextDocument) => {
    const key = document.uri.toString();
    if (document.languageId === 'dstack') {
      known.add(key);
      if (declined.delete(key)) {
        await remember();
      }
    } else if (document.languageId === 'yaml' && known.has(key)) {
      // It was reopened as YAML: the user chose that.
      declined.add(key);
      await remember();
    }
  };
  for (const document of vscode.workspace.textDocuments) {
    void opened(document);
  }

  return vscode.Disposable.from(
    session.onDidDecide(look),
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidCloseTextDocument(document => {
      // Switching the language also closes a document and reopens it.
      if (document.isClosed) {
        const key = document.uri.toString();
        known.delete(key);
        if (document.isUntitled) {
          declined.delete(key);
        }
      }
    }),
  );
}
