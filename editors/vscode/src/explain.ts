// Explains a rule: as a page beside the file, from the palette and from the code of a diagnostic.

import * as vscode from 'vscode';
import { rules } from './server';
import type { Session } from './session';

const SCHEME = 'dstack-rule';

/** The page of a rule. A default setting of the extension lets VS Code open it as a preview, which cannot run commands. */
function page(rule: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
}

/** The pages, one for each rule, as the server prints them. */
export function ruleDocuments(session: Session): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: uri => session.ask('explain', uri.path.replace(/^\/|\.md$/g, '')),
  });
}

/** Makes the code of each diagnostic a link to the page of its rule. */
export function withLinks(diagnostics: vscode.Diagnostic[]): vscode.Diagnostic[] {
  for (const diagnostic of diagnostics) {
    const rule = ruleOf(diagnostic);
    if (rule !== undefined) {
      diagnostic.code = { value: rule, target: page(rule) };
    }
  }
  return diagnostics;
}

function ruleOf(diagnostic: vscode.Diagnostic): string | undefined {
  const { code, source } = diagnostic;
  const value = typeof code === 'object' ? code.value : code;
  return source === 'dstack' && typeof value === 'string' ? value : undefined;
}

/** Explains a rule: the given one, or else the one at the cursor, or else one that the user picks. */
export async function explainRule(session: Session, given: unknown): Promise<void> {
  const rule = typeof given === 'string' ? given : (ruleAtCursor() ?? (await picked(session)));
  if (rule !== undefined) {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', page(rule));
  }
}

/** The rule of the diagnostic at the cursor: the innermost, if there are several. */
function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return undefined;
  }
  const { document, selection } = editor;
  const here = vscode.languages
    .getDiagnostics(document.uri)
    .filter(it => ruleOf(it) !== undefined && it.range.intersection(selection) !== undefined)
    .sort((a, b) => (a.range.contains(b.range) ? 1 : -1));
  return here[0] && ruleOf(here[0]);
}

async function picked(session: Session): Promise<string | undefined> {
  const list = rules(await session.ask('explain'));
  const items = list.map(({ name, sentence }) => ({ label: name, detail: sentence }));
  const item = await vscode.window.showQuickPick(items, {
    title: 'Explain a rule of dstack-lsp',
    placeHolder: 'Which rule?',
    matchOnDetail: true,
  });
  return item?.label;
}
