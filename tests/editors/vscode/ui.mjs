// What a user sees and does in the window, in a home folder without settings of dstack.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Workbench, until } from './workbench.mjs';

const TRAIN = `type: task
name: train
comands:
  - python train.py
resources:
  gpu: A100:80GB:2
`;
// Enter after a completely typed value breaks the line, because the selected suggestion would change nothing.
const MORE = `${TRAIN}python: 3.13\n`;
const DEVELOP = `type: dev-environment
ide: vscode
termination_policy: destroy-after-idle # agreed with the team
termination_idle_time: 30m
`;
const LOCK = '[[package]]\nname = "dstack"\nversion = "0.19.40"\n';

export default async function ui({ server, page, check, folder }) {
  const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
  const read = name => fs.readFileSync(path.join(folder, name), 'utf8');
  const holds = (name, text) => until(`${name} on the disk`, () => read(name) === text || assert.equal(read(name), text));
  write('train.dstack.yml', TRAIN);
  write('.dstack.yml', DEVELOP);
  write('uv.lock', LOCK);
  const it = new Workbench(page);
  await it.open(server.url, folder);
  await it.closeSideBar();

  await check('the language is dstack, with the colors of YAML', async () => {
    await it.file('train.dstack.yml');
    await it.hasStatus('status.editor.mode', /^dstack$/);
    await until('a key, its colon and a value in three colors', async () => {
      const colors = new Map(await it.colors());
      const [key, colon, value] = ['name', ': ', 'train'].map(text => colors.get(text));
      return new Set([key, colon, value]).size === 3 && key === colors.get('gpu');
    });
  });

  await check('diagnostics: a squiggle under the mistyped field, and nowhere else', async () => {
    await it.hasSquiggles('error: comands');
    await it.hasStatus('status.problems', /^\s*1\s+0$/);
  });

  await check('hover: what is wrong, with the mouse on the squiggle', async () => {
    await it.mouseOnSquiggle('error');
    const said = await it.hover(/Quick Fix/);
    assert.match(said, /unknown field `?comands`?; did you mean `?commands`?\?\s*dstack\(?unknown-field/);
    await it.picture('diagnostics');
    await it.mouseAway();
  });

  await check('hover: what a field does, with the keyboard', async () => {
    await it.cursor(6, 4);
    await it.press('Control+K', 'Control+I');
    assert.match(await it.hover(/GPU/), /^gpu: .*\n+The GPUs/);
    await it.picture('hover');
    await it.press('Escape');
  });

  await check('completion: typing opens a list, its entry is written, and the next list opens', async () => {
    await it.cursor(7, 1);
    await it.keys.type('p');
    const fields = await it.completions(/^python\b/);
    assert.ok(fields.every(field => /, (Property|Snippet)/.test(field)), fields.join('\n'));
    await it.press('Control+Space');
    await page.locator('.suggest-details-container .docs').getByText('Python').first().waitFor();
    await it.picture('completion');
    await it.keys.type('ython');
    await it.focused(/^python\b/);
    await it.press('Enter');
    await it.completions(/^3\.13\b/);
    await it.keys.type('3.13');
    await it.focused(/^3\.13\b/);
    await it.press('Enter');
    await until('both', async () => (await it.text()) === MORE || assert.equal(await it.text(), MORE));
    await it.save();
    await holds('train.dstack.yml', MORE);
  });

  await check('action: a light bulb, its menu, and the squiggle is gone', async () => {
    await it.cursor(3, 3);
    await (await it.lightBulb()).click();
    const fixes = await it.fixes();
    assert.deepEqual(fixes.slice(0, 2), ['Rename `comands` to `commands`', 'Remove `comands`']);
    await it.picture('quickfix');
    await it.press('Enter');
    await it.hasSquiggles();
    await it.save();
    await holds('train.dstack.yml', MORE.replace('comands', 'commands'));
  });

  await check('release: the status bar shows what `uv.lock` pins', async () => {
    await it.file('.dstack.yml');
    await it.hasStatus('dstack.release', /^dstack 0\.19\.40$/);
    await it.hasSquiggles('warning: termination_policy', 'warning: termination_idle_time');
    await it.statusItem('dstack.release').hover();
    assert.match(await it.hover(/Checked against/), /Checked against dstack 0\.19\.40 from uv\.lock/);
    await it.mouseAway();
  });

  await check('release: a click on it chooses another one, and what is wrong changes', async () => {
    await it.statusItem('dstack.release').click();
    await until('the newest', async () => (await it.rows()).some(row => /^0\.22\.5\b.*newest/.test(row)));
    await it.picture('release', { withTitle: true });
    await it.pick('0.22.5');
    await it.pick('For this workspace');
    await it.hasSquiggles('error: termination_policy', 'error: termination_idle_time');
    await it.hasStatus('dstack.release', /^dstack 0\.22\.5$/);
    assert.deepEqual(JSON.parse(read('.vscode/settings.json')), { 'dstack.release': '0.22.5' });
  });

  await check('release: `auto` goes back to what is pinned', async () => {
    await it.command('dstack: Choose dstack Release…');
    await it.pick('auto');
    await it.pick('For this workspace');
    await it.hasStatus('dstack.release', /^dstack 0\.19\.40$/);
    await it.hasSquiggles('warning: termination_policy', 'warning: termination_idle_time');
  });

  await check('action: the fix from the keyboard keeps the comment', async () => {
    await it.cursor(3, 3);
    await it.quickFix();
    assert.equal((await it.fixes())[0], 'Replace `termination_policy` and `termination_idle_time` with `idle_duration: 30m`');
    await it.press('Enter');
    await it.hasSquiggles();
    await it.save();
    await holds('.dstack.yml', 'type: dev-environment\nide: vscode\n# agreed with the team\nidle_duration: 30m\n');
  });

  await check('new configuration: a skeleton without a finding, to be filled in', async () => {
    await it.command('dstack: New Configuration…');
    await it.pick('task');
    await until('a task', async () => /^type: task\nname: \w+\n/.test(await it.text()));
    await it.hasStatus('status.editor.mode', /^dstack$/);
    await it.hasSquiggles();
    await it.keys.type('mine');
    await until('the name, typed over', async () => /^type: task\nname: mine\n/.test(await it.text()));
  });

  await check('the rule is explained: at the cursor, and from the hover of the problem', async () => {
    write('rule.dstack.yml', TRAIN);
    await it.file('rule.dstack.yml');
    await it.hasSquiggles('error: comands');
    await it.cursor(3, 3);
    await it.command('dstack: Explain Rule');
    await it.webview(/unknown-field/);
    await it.closeSide();
    await it.mouseOnSquiggle('error');
    await it.hover(/Quick Fix/);
    await page.locator('.monaco-hover:visible').getByText('unknown-field').click();
    await it.webview(/unknown-field/);
  });

  await check('a file of any name is dstack\'s if its content is', async () => {
    write('gpu.yml', TRAIN);
    await it.file('gpu.yml');
    await it.hasStatus('status.editor.mode', /^dstack$/);
    await it.hasSquiggles('error: comands');
  });

  await check('a server that does not start: the status bar and a message say so, until it does', async () => {
    write('.vscode/settings.json', JSON.stringify({ 'dstack.server.path': '/nowhere/dstack-lsp' }));
    await it.hasStatus('dstack.release', /^dstack$/);
    await it.notification(/dstack\.server\.path/);
    await it.hasSquiggles();
    write('.vscode/settings.json', '{}');
    await it.hasStatus('dstack.release', /^dstack 0\.19\.40$/);
    await it.hasSquiggles('error: comands');
  });

  await check('the server is restarted', async () => {
    const sessions = () => fs.readdirSync(process.env.MESSAGES).length;
    const before = sessions();
    await it.command('dstack: Restart Language Server');
    await until('another server', () => sessions() > before);
    await it.hasSquiggles('error: comands');
  });

  await check('the walkthrough opens', async () => {
    await it.command('Welcome: Open Walkthrough...');
    await it.pick('Get started with dstack');
    await page.locator('.gettingStartedContainer .getting-started-step').first().waitFor();
  });
}
