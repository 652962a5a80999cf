// Where the server is searched, and how its output is read.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { candidates, find, type Place, releases, rules } from '../src/server';

const place: Place = {
  setting: '',
  home: path.resolve('/u/ann'),
  workspaceFolder: path.resolve('/w'),
  extension: path.resolve('/x'),
  platform: 'linux',
};
const commands = (changed: Partial<Place>) => candidates({ ...place, ...changed }).map(it => it.command);

test('the server of the extension comes before the one on PATH', () => {
  assert.deepEqual(commands({}), [path.resolve('/x/server/dstack-lsp'), 'dstack-lsp']);
  assert.deepEqual(commands({ platform: 'win32' })[0], path.resolve('/x/server/dstack-lsp.exe'));
});

test('who sets a path gets that program and no other', () => {
  const cases = {
    '/bin/d': '/bin/d',
    '~/bin/d': `${place.home}/bin/d`,
    '  d  ': 'd',
    '${workspaceFolder}/target/d': `${place.workspaceFolder}/target/d`,
    'target/d': path.join(place.workspaceFolder ?? '', 'target/d'),
    '~ann/d~/': path.join(place.workspaceFolder ?? '', '~ann/d~/'),
  };
  for (const [setting, expected] of Object.entries(cases)) {
    assert.deepEqual(commands({ setting }), [expected], setting);
  }
  assert.deepEqual(commands({ setting: 'a/$&', workspaceFolder: undefined }), ['a/$&']);
});

test('the first that starts is taken; of the others it is said why not', async t => {
  if (process.platform === 'win32') {
    return t.skip('shell scripts do not run there');
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'dstack-lsp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = (name: string, text: string, mode = 0o755) => {
    const command = path.join(folder, name);
    writeFileSync(command, `#!/bin/sh\n${text}\n`);
    chmodSync(command, mode);
    return { command, from: 'a test' };
  };
  const none = { command: path.join(folder, 'none'), from: 'a test' };
  const fails = program('fails', 'echo no such library >&2; exit 1');
  const other = program('other', 'echo something 1.0');
  const works = program('works', 'echo "dstack-lsp 9.9.9 (knows dstack 1.0.0 to 2.0.0)"');
  const found = await find([none, fails, other, works]);
  assert.deepEqual(found, { ...works, version: '9.9.9 (knows dstack 1.0.0 to 2.0.0)' });
  assert.deepEqual(await find([none, fails, other, program('text', '', 0o644)]), [
    `${none.command}, from a test, does not start: there is no such program`,
    `${fails.command}, from a test, does not start: no such library`,
    `${other.command}, from a test, is another program`,
    `${path.join(folder, 'text')}, from a test, does not start: it may not be run`,
  ]);
});

test('a mere name is looked for on PATH, in folders that are named in full', async t => {
  if (process.platform === 'win32') {
    return t.skip('shell scripts do not run there');
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'dstack-lsp-'));
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, 'dstack-lsp');
  writeFileSync(file, '#!/bin/sh\necho dstack-lsp 9.9.9\n');
  chmodSync(file, 0o755);
  const named = [{ command: 'dstack-lsp', from: '`PATH`' }];
  process.env.PATH = [path.join(folder, 'none'), folder].join(path.delimiter);
  assert.deepEqual(await find(named), { command: file, from: '`PATH`', version: '9.9.9' });
  process.env.PATH = ['', '.', path.relative(process.cwd(), folder)].join(path.delimiter);
  assert.deepEqual(await find(named), ['dstack-lsp, from `PATH`, does not start: there is no such program']);
});

test('lists of rules and releases are read', () => {
  assert.deepEqual(rules('wrong-type    A value of the wrong kind: a text\r\nx  y\n\n'), [
    { name: 'wrong-type', sentence: 'A value of the wrong kind: a text' },
    { name: 'x', sentence: 'y' },
  ]);
  assert.deepEqual(releases('0.22.5\r\n0.19.40\n0.18.0rc1\n'), ['0.22.5', '0.19.40', '0.18.0rc1']);
  assert.deepEqual(releases('usage: x\n'), []);
});
