// The tests within VS Code's extension host: calls each in turn and writes how they went, as JSON, where RESULTS says.

const fs = require('node:fs');
const vscode = require('vscode');
const { hurry, seen } = require('./seen');

/** How many folders the workspace has. VS Code may begin with fewer of them. */
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
