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
    const active = vscode.window.activeTextEditor?.document;
    const visible = vscode.window.visibleTextEditors.find(it => it.document.languageId === 'dstack');
    const document = active ?? visible?.document ?? this.#last;
    if (!document || document.isClosed) {
      void vscode.window.showInformationMessage('Open the dstack file that is to be fixed, then try again.');
      return;
    }
    if (!active) {
      await vscode.window.showTextDocument(document, visible?.viewColumn);
    }
    // Not VS Code's own command for source actions: it needs the focus, which moves some time after the editor is shown.
    const [action] = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      new vscode.Range(0, 0, document.lineCount, 0),
      'source.fixAll.dstack',
      1,
    );
    if (action?.edit) {
      await vscode.workspace.applyEdit(action.edit);
    } else {
      void vscode.window.showInformationMessage('There is nothing that can be fixed safely.');
    }
  }

  #see(editor: vscode.TextEditor | undefined) {
    if (editor?.document.languageId === 'dstack') {
      this.#last = editor.document;
    }
  }
}
