// What the extension provides to VS Code and other extensions, and how it treats settings, names of files, and folders.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { seen } = require('./seen');

const [pinned, free] = vscode.workspace.workspaceFolders.map(it => it.uri);

const TRAIN = 'type: task\nname: train\ncomands:\n  - python train.py\n';
const IDLE = 'type: dev-environment\nide: vscode\ntermination_policy: destroy-after-idle # agreed\ntermination_idle_time: 30m\n';

exports['the language of files by their names'] = async () => {
  const named = (folder, ...names) => names.flatMap(it => ['yml', 'yaml'].map(end => `${folder}${it}.${end}`));
  const ours = [
    ...named('', '.dstack', 'train.dstack', 'sub/.dstack', 'sub/a.b.dstack'),
    ...named('.dstack/', 'profiles', 'config', 'server/config', 'templates/mine'),
    ...named('sub/.dstack/', 'profiles'),
  ];
  const others = named('', 'dstack', 'profiles', 'config', 'server/config', 'templates/mine', '.dstack/more', 'mydstack');
  for (const [language, names] of Object.entries({ dstack: ours, yaml: others })) {
    for (const name of names) {
      const { languageId } = await opened(write(free, name, '# empty\n'));
      assert.equal(languageId, language, name);
    }
  }
};

exports['diagnostics: as the server says them, with a link to the rule'] = async () => {
  const { uri } = await opened(write(pinned, 'train.dstack.yml', TRAIN));
  await findings(uri, ['error 3:1-3:8 dstack unknown-field']);
  const [{ message, code }] = vscode.languages.getDiagnostics(uri);
  assert.match(message, /^unknown field `comands`; did you mean `commands`\?/);
  assert.equal(code.target.toString(true), 'dstack-rule:/unknown-field.md');
};

exports['hover: Markdown with the reference'] = async () => {
  const { uri } = await opened(write(pinned, 'train.dstack.yml', TRAIN));
  const found = await vscode.commands.executeCommand('vscode.executeHoverProvider', uri, new vscode.Position(1, 1));
  const text = found.flatMap(it => it.contents.map(content => content.value)).join('\n');
  assert.match(text, /\*\*name\*\*|`name`/);
  assert.match(text, /https:\/\/dstack\.ai\/docs\/reference\/dstack\.yml\/task/);
};

exports['completion: fields, values and, in an empty file, skeletons'] = async () => {
  const document = await opened(write(pinned, 'new.dstack.yml', ''));
  const skeletons = await offered(document, 0, 0);
  assert.ok(skeletons.some(it => it.kind === vscode.CompletionItemKind.Snippet && label(it) === 'task'));

  await replaced(document, 'type: task\nresources:\n  sh');
  const [field] = (await offered(document, 2, 4)).filter(it => label(it) === 'shm_size');
  assert.equal(field?.kind, vscode.CompletionItemKind.Property);
  assert.ok(field.detail || field.label.description, 'what kind of value it takes');

  await replaced(document, 'type: dev-environment\nide: ');
  const values = (await offered(document, 1, 5)).map(label);
  assert.ok(values.includes('vscode') && values.includes('cursor'), values.join());
};

exports['action: the preferred fix, and all fixes at once'] = async () => {
  const document = await opened(write(free, 'idle.dstack.yml', `${IDLE}imge: x\n`));
  await findings(document.uri, ['error 3:1-3:19', 'error 4:1-4:22', 'error 5:1-5:5']);
  const all = new vscode.Range(0, 0, 5, 0);
  const fixes = await actions(document, new vscode.Range(4, 0, 4, 1), vscode.CodeActionKind.QuickFix);
  const [preferred] = fixes.filter(it => it.isPreferred);
  assert.equal(preferred?.title, 'Rename `imge` to `image`');
  assert.ok(await vscode.workspace.applyEdit(preferred.edit));
  await findings(document.uri, ['error 3:1-3:19', 'error 4:1-4:22']);

  const [every] = await actions(document, all, vscode.CodeActionKind.SourceFixAll);
  assert.ok(await vscode.workspace.applyEdit(every.edit));
  assert.equal(document.getText(), 'type: dev-environment\nide: vscode\n# agreed\nidle_duration: 30m\nimage: x\n');
  await findings(document.uri, []);
};

exports['action: all fixes when a file is saved, if the settings say so'] = async () => {
  await set('editor.codeActionsOnSave', { 'source.fixAll': 'explicit' }, vscode.ConfigurationTarget.Workspace);
  const document = await opened(write(free, 'save.dstack.yml', 'type: task\n'));
  await replaced(document, TRAIN);
  await findings(document.uri, ['error 3:1-3:8']);
  await vscode.commands.executeCommand('workbench.action.files.save');
  assert.equal(fs.readFileSync(document.fileName, 'utf8'), TRAIN.replace('comands', 'commands'));
  await set('editor.codeActionsOnSave', undefined, vscode.ConfigurationTarget.Workspace);
};

exports['release: what each folder pins, and again when that changes'] = async () => {
  write(pinned, 'uv.lock', '[[package]]\nname = "dstack"\nversion = "0.19.40"\n');
  const here = await opened(write(pinned, 'idle.dstack.yml', IDLE));
  const there = await opened(write(free, 'there.dstack.yml', IDLE));
  await findings(here.uri, ['warning 3:1-3:19', 'warning 4:1-4:22']);
  await findings(there.uri, ['error 3:1-3:19', 'error 4:1-4:22']);
  await checkedAgainst(here.uri, '0.19.40', /uv\.lock/);
  write(pinned, 'uv.lock', '[[package]]\nname = "dstack"\nversion = "0.20.1"\n');
  await checkedAgainst(here.uri, '0.20.1', /uv\.lock/);
  await findings(here.uri, ['error 3:1-3:19', 'error 4:1-4:22']);
  write(pinned, 'uv.lock', '[[package]]\nname = "dstack"\nversion = "0.19.40"\n');
  await checkedAgainst(here.uri, '0.19.40', /uv\.lock/);
};

exports['release: the setting of the workspace, and of a folder'] = async () => {
  const here = await opened(write(pinned, 'idle.dstack.yml', IDLE));
  const there = await opened(write(free, 'there.dstack.yml', IDLE));
  await set('dstack.release', '0.18.30', vscode.ConfigurationTarget.Workspace);
  await checkedAgainst(here.uri, '0.18.30', /setting/);
  await checkedAgainst(there.uri, '0.18.30', /setting/);
  await findings(here.uri, []);
  await set('dstack.release', '0.22.5', vscode.ConfigurationTarget.WorkspaceFolder, here.uri);
  await checkedAgainst(here.uri, '0.22.5', /setting/);
  await findings(here.uri, ['error 3:1-3:19', 'error 4:1-4:22']);
  await checkedAgainst(there.uri, '0.18.30', /setting/);
  await set('dstack.release', undefined, vscode.ConfigurationTarget.WorkspaceFolder, here.uri);
  await set('dstack.release', undefined, vscode.ConfigurationTarget.Workspace);
  await checkedAgainst(here.uri, '0.19.40', /uv\.lock/);
};

exports['release: `auto` for a folder, chosen where the workspace says otherwise'] = async () => {
  const { uri } = await opened(write(pinned, 'idle.dstack.yml', IDLE));
  await set('dstack.release', '0.18.30', vscode.ConfigurationTarget.Workspace);
  await checkedAgainst(uri, '0.18.30', /setting/);
  let isChosen = false;
  const choice = vscode.commands.executeCommand('dstack.chooseRelease').then(() => (isChosen = true));
  // `auto` and the folder are the first items of their lists.
  await seen('the choice', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return isChosen;
  });
  await choice;
  await checkedAgainst(uri, '0.19.40', /uv\.lock/);
  await set('dstack.release', undefined, vscode.ConfigurationTarget.WorkspaceFolder, uri);
  await set('dstack.release', undefined, vscode.ConfigurationTarget.Workspace);
};

exports['diagnostics: of a document that is not saved yet'] = async () => {
  const document = await vscode.workspace.openTextDocument({ language: 'dstack', content: TRAIN });
  await findings(document.uri, ['error 3:1-3:8 dstack unknown-field']);
};

exports['another YAML extension reports on other YAML, and would on ours'] = async () => {
  const other = await opened(write(free, 'other.yml', 'a: 1\nb: 2\n'));
  await findings(other.uri, ['error 1:1-1:2 yaml-schema', 'error 2:1-2:2 yaml-schema']);
  const control = await opened(write(free, 'control.dstack.yml', TRAIN));
  await vscode.languages.setTextDocumentLanguage(control, 'yaml');
  await seen('reports of the other extension', () => diagnosed(control.uri).some(it => / yaml-schema/.test(it)));
};

exports['diagnostics: one set on dstack files beside another YAML extension'] = async () => {
  const { uri } = await opened(write(free, 'train.dstack.yml', TRAIN));
  await findings(uri, ['error 3:1-3:8 dstack unknown-field']);
  await otherExtensionIsDone('after-train.yml');
  await findings(uri, ['error 3:1-3:8 dstack unknown-field']);
};

exports['diagnostics: one set, and our language, where the content alone says that it is ours'] = async () => {
  const { uri } = await opened(write(free, 'gpu.yml', TRAIN));
  await seen('the language dstack', () => languageOf(uri) === 'dstack');
  await otherExtensionIsDone('after-gpu.yml');
  await findings(uri, ['error 3:1-3:8 dstack unknown-field']);
};

exports['the language stays YAML for who switches back'] = async () => {
  const { uri } = await opened(write(free, 'mine.yml', TRAIN));
  const document = await seen('the language dstack', () =>
    vscode.workspace.textDocuments.find(it => it.uri.toString() === uri.toString() && it.languageId === 'dstack'),
  );
  await vscode.languages.setTextDocumentLanguage(document, 'yaml');
  await seen('reports of the other extension', () => diagnosed(uri).some(it => / yaml-schema/.test(it)));
  await seen('reports of ours', () => diagnosed(uri).some(it => / dstack/.test(it)));
  assert.equal(languageOf(uri), 'yaml');
};

exports['the command that restarts the server'] = async () => {
  const { uri } = await opened(write(pinned, 'train.dstack.yml', TRAIN));
  await findings(uri, ['error 3:1-3:8']);
  const { client } = session();
  await vscode.commands.executeCommand('dstack.restartServer');
  assert.notEqual(session().client, client);
  await findings(uri, ['error 3:1-3:8']);
};

exports['the setting `dstack.server.path`, also when it is wrong'] = async () => {
  const { uri } = await opened(write(pinned, 'train.dstack.yml', TRAIN));
  await findings(uri, ['error 3:1-3:8']);
  const right = session().server.command;
  await set('dstack.server.path', path.join(path.sep, 'nowhere', 'dstack-lsp'), vscode.ConfigurationTarget.Workspace);
  await seen('a server that is stopped', () => session().health === 'stopped');
  await findings(uri, []);
  await set('dstack.server.path', right, vscode.ConfigurationTarget.Workspace);
  await seen('a server from the setting', () => /setting/.test(session().server?.from) && session().health === 'running');
  await findings(uri, ['error 3:1-3:8']);
  await set('dstack.server.path', undefined, vscode.ConfigurationTarget.Workspace);
  await seen('the server that comes with the extension', () => session().server.from === 'the extension');
  await findings(uri, ['error 3:1-3:8']);
};

exports['the command that fixes all of a file, also from the walkthrough'] = async () => {
  const document = await opened(write(free, 'fix.dstack.yml', TRAIN));
  await findings(document.uri, ['error 3:1-3:8']);
  await vscode.commands.executeCommand('dstack.fixAll');
  const fixed = () => document.getText() === TRAIN.replace('comands', 'commands');
  await seen('the file without its mistake', fixed);
  await replaced(document, TRAIN);
  await findings(document.uri, ['error 3:1-3:8']);
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'dstack-lsp.dstack-lsp#start');
  await seen('a page that is no text', () => !vscode.window.activeTextEditor);
  await vscode.commands.executeCommand('dstack.fixAll');
  await seen('the file without its mistake, again', fixed);
  await document.save();
};

exports['the command that begins a configuration, twice at once'] = async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const begun = () => vscode.workspace.textDocuments.filter(it => it.isUntitled && /^type: /m.test(it.getText()));
  const before = begun().length;
  let ended = 0;
  const calls = [1, 2].map(() => vscode.commands.executeCommand('dstack.newConfiguration').then(() => (ended += 1)));
  // The later list replaces the earlier one.
  await seen('a configuration', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return ended === calls.length && begun().length > before;
  });
  for (const document of begun()) {
    assert.equal(document.languageId, 'dstack');
  }
};

exports['release: not remembered of a document that is closed, or that was made up'] = async () => {
  const madeUp = vscode.Uri.joinPath(pinned, 'new-configuration-skeletons-1.dstack.yml');
  assert.equal(session().release(madeUp), undefined);
  const { uri } = await vscode.workspace.openTextDocument({ language: 'dstack', content: TRAIN });
  await vscode.window.showTextDocument(uri);
  await seen('its release', () => session().release(uri));
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await seen('the document closed', () => languageOf(uri) === undefined);
  assert.equal(session().release(uri), undefined);
};

exports['the end: the server is stopped, and waited for'] = async () => {
  const { client } = session();
  assert.ok(client.isRunning());
  const extension = vscode.extensions.getExtension('dstack-lsp.dstack-lsp');
  await vscode.commands.executeCommand('dstack.showOutput');
  await require(path.join(extension.extensionPath, 'dist', 'extension.js')).deactivate();
  assert.equal(client.isRunning(), false);
  assert.equal(session().client, undefined);
};

/** Writes a file into a folder. */
function write(folder, name, text) {
  const file = vscode.Uri.joinPath(folder, name);
  fs.mkdirSync(path.dirname(file.fsPath), { recursive: true });
  fs.writeFileSync(file.fsPath, text);
  return file;
}

/** Opens a file in a tab: VS Code requests diagnostics only for such files. */
async function opened(file) {
  const { document } = await vscode.window.showTextDocument(file, { preview: false });
  return document;
}

/** Sets the text of a document. */
async function replaced(document, text) {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const languageOf = uri => vscode.workspace.textDocuments.find(it => it.uri.toString() === uri.toString())?.languageId;

/** The diagnostics of a file: `error 3:1-3:8 dstack unknown-field`. */
function diagnosed(uri) {
  const place = it => `${it.line + 1}:${it.character + 1}`;
  return vscode.languages.getDiagnostics(uri).map(({ severity, range, source, code }) => {
    const rule = source === 'dstack' ? ` ${code?.value ?? code}` : '';
    return `${vscode.DiagnosticSeverity[severity].toLowerCase()} ${place(range.start)}-${place(range.end)} ${source.split(':')[0]}${rule}`;
  });
}

/** Waits until a file has exactly these diagnostics; each is given by its beginning. */
async function findings(uri, expected) {
  let last;
  const as = () => {
    last = diagnosed(uri).sort();
    return last.length === expected.length && last.every((it, index) => it.startsWith(expected[index]));
  };
  await seen('', as).catch(() => assert.deepEqual(last, expected));
}

/** Waits until the other extension has processed all files opened before; it processes them in order. */
async function otherExtensionIsDone(name) {
  const { uri } = await opened(write(free, name, 'a: 1\n'));
  await findings(uri, ['error 1:1-1:2 yaml-schema']);
}

const session = () => vscode.extensions.getExtension('dstack-lsp.dstack-lsp').exports.session;

async function checkedAgainst(uri, release, source) {
  let last;
  await seen('', () => {
    last = session().release(uri);
    return last?.release === release && source.test(last.source);
  }).catch(() => assert.fail(`checked against ${JSON.stringify(last)}, not ${release} ${source}`));
}

function set(name, value, target, scope) {
  return vscode.workspace.getConfiguration(undefined, scope).update(name, value, target);
}

const label = it => (typeof it.label === 'string' ? it.label : it.label.label);

async function offered(document, line, column) {
  const position = new vscode.Position(line, column);
  const { items } = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, position);
  return items;
}

// With the edits of the first nine, which VS Code otherwise asks for when one is chosen.
function actions(document, range, kind) {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, range, kind.value, 9);
}
