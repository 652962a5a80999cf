// Runs the tests of `host/` in VS Code's extension host, where extensions run: the extension is installed as for users, and a
// second one handles all YAML files (`yaml/`).

import fs from 'node:fs';
import path from 'node:path';
import { Workbench, until } from './workbench.mjs';

export default async function host({ server, page, report, folder, results }) {
  const workspace = path.join(folder, 'tests.code-workspace');
  const folders = ['pinned', 'free'];
  for (const name of folders) {
    fs.mkdirSync(path.join(folder, name));
  }
  fs.writeFileSync(workspace, JSON.stringify({ folders: folders.map(it => ({ path: it })) }));

  let ended = false;
  await page.exposeFunction('codeAutomationExit', () => {
    ended = true;
  });
  await page.exposeFunction('codeAutomationLog', () => {});
  // Like VS Code's own tests.
  const remote = it => `vscode-remote://${new URL(server.url).host}${path.join(import.meta.dirname, it)}`;
  const payload = [
    ['extensionDevelopmentPath', remote('yaml')],
    ['extensionTestsPath', remote('host/index.js')],
  ];
  const begun = () => ended || fs.existsSync(`${results}.begun`);
  await new Workbench(page).open(server.url, workspace, payload);
  // Occasionally the extension host does not learn of the second folder of the workspace; in a newly opened window it does.
  await until('the first test', begun, 20_000).catch(() => new Workbench(page).open(server.url, workspace, payload));
  await until('the end of the tests', () => ended, 300_000);
  for (const { name, problem } of JSON.parse(fs.readFileSync(results, 'utf8'))) {
    report(name, problem);
  }
}
