// The tests within VS Code's extension host: calls each in turn and writes how they went, as JSON, where RESULTS says.

const fs = require('node:fs');
const vscode = require('vscode');
const tests = require('./tests');

exports.run = async () => {
  const results = [];
  for (const [name, test] of Object.entries(tests)) {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    try {
      await test();
      results.push({ name });
    } catch (error) {
      results.push({ name, problem: error.stack });
    }
  }
  fs.writeFileSync(process.env.RESULTS, JSON.stringify(results));
};
