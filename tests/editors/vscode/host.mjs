// Runs the tests of `host/` inside VS Code's extension host, where extensions live: the extension is installed as users have
// it, and a second one cares for all YAML (`yaml/`).

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
  // As VS Code's own tests do it.
  const remote = it => `vscode-remote://${new URL(server.url).host}${path.join(import.meta.dirname, it)}`;
  const payload = [
    ['extensionDevelopmentPath', remote('yaml')],
    ['extensionTestsPath', remote('host/index.js')],
  ];
  const begun = () => ended || fs.existsSync(`${results}.begun`);
  await new Workbench(page).open(server.url, workspace, payload);
  // Now and then the extension host is not told of the workspace's second folder; in a window that is opened anew it is.
  await until('the first test', begun, 20_000).catch(() => new Workbench(page).open(server.url, workspace, payload));
  await until('the end of the tests', () => ended, 300_000);
  for (const { name, problem } of JSON.parse(fs.readFileSync(results, 'utf8'))) {
    report(name, problem);
  }
}
