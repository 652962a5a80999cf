// The tests within VS Code's extension host: calls each in turn and writes how they went, as JSON, where RESULTS says.

const fs = require('node:fs');
const vscode = require('vscode');
const { hurry } = require('./seen');

/** How many folders the workspace has. VS Code may begin with fewer of them. */
const FOLDERS = 2;

exports.run = async () => {
  while ((vscode.workspace.workspaceFolders ?? []).length < FOLDERS) {
    await new Promise(resolve => {
      const once = vscode.workspace.onDidChangeWorkspaceFolders(() => resolve(once.dispose()));
    });
  }
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
