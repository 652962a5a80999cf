// The command that fixes a whole file, also from a page that is not a text editor, such as the walkthrough.

import * as vscode from 'vscode';

export class FixAll implements vscode.Disposable {
  /** The dstack file that was active last. */
  #last: vscode.TextDocument | undefined;
  readonly #watch: vscode.Disposable;

  constructor() {
    this.#see(vscode.window.activeTextEditor);
    this.#watch = vscode.window.onDidChangeActiveTextEditor(editor => this.#see(editor));
  }

  dispose(): void {
    this.#watch.dispose();
  }

  async run(): Promise<void> {
    // VS Code runs the following command in the active text editor, and does nothing without one.
    if (!vscode.window.activeTextEditor) {
      const visible = vscode.window.visibleTextEditors.find(it => it.document.languageId === 'dstack');
      const document = visible?.document ?? this.#last;
      if (!document || document.isClosed) {
        void vscode.window.showInformationMessage('Open the dstack file that is to be fixed, then try again.');
        return;
      }
      await vscode.window.showTextDocument(document, visible?.viewColumn);
    }
    await vscode.commands.executeCommand('editor.action.sourceAction', {
      kind: 'source.fixAll.dstack',
      apply: 'first',
    });
  }

  #see(editor: vscode.TextEditor | undefined) {
    if (editor?.document.languageId === 'dstack') {
      this.#last = editor.document;
    }
  }
}
