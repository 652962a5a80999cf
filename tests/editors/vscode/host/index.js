// The tests in VS Code's extension host: calls each in turn and writes the results, as JSON, to the file RESULTS.

const fs = require('node:fs');
const vscode = require('vscode');
const { hurry, seen } = require('./seen');

/** The number of folders in the workspace. VS Code may start with fewer of them. */
const FOLDERS = 2;

exports.run = async () => {
  await seen('the folders of the workspace', () => vscode.workspace.workspaceFolders?.length === FOLDERS);
  fs.writeFileSync(`${process.env.RESULTS}.begun`, '');
  const tests = require('./tests');
  const results = [];
  for (const [name, test] of Object.entries(tests)) {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    try {
      await test();
      results.push({ name });
    } catch (error) {
      hurry();
      results.push({ name, problem: error.stack });
    }
  }
  fs.writeFileSync(process.env.RESULTS, JSON.stringify(results));
};
