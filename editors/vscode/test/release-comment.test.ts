// The comment that chooses a release, written, changed and removed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commented, edited } from '../src/release-comment';

/** The text after the edit that sets a release. */
function after(text: string, release: string): string {
  const lines = text.split('\n');
  const edit = edited(lines, release);
  if (!edit) {
    return text;
  }
  const offset = ({ line, column }: { line: number; column: number }) =>
    lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0) + column;
  return text.slice(0, offset(edit.start)) + edit.text + text.slice(offset(edit.end));
}

test('the comment is found where it counts, and nowhere else', () => {
  const cases: [string, string | undefined][] = [
    ['# dstack-lsp: release=0.19.40\ntype: task', '0.19.40'],
    ['# ours\n\n  ##dstack-lsp:release = 0.1 (so)\n', '0.1'],
    ['type: task\n# dstack-lsp: release=0.19.40', undefined],
    ['--- # dstack-lsp: release=0.19.40', undefined],
    ['# dstack-lsp: ignore[x]\n# dstack-lsp: release=', ''],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    assert.equal(commented(text.split('\n')), expected, text);
  }
});

test('it is written above everything else', () => {
  assert.equal(after('type: task\n', '0.20.1'), '# dstack-lsp: release=0.20.1\ntype: task\n');
  assert.equal(after('', '0.20.1'), '# dstack-lsp: release=0.20.1\n');
  const elsewhere = 'type: task\n# dstack-lsp: release=0.19.40\n';
  assert.equal(after(elsewhere, '0.20.1'), `# dstack-lsp: release=0.20.1\n${elsewhere}`);
});

test('one that is there is changed, and no more of it than the release', () => {
  assert.equal(
    after('# ours\n#  dstack-lsp: release = 0.19.40  since May\ntype: task\n', '0.20.1'),
    '# ours\n#  dstack-lsp: release = 0.20.1  since May\ntype: task\n',
  );
  assert.equal(after('# dstack-lsp: release=', '0.20.1'), '# dstack-lsp: release=0.20.1');
});

test('it is removed with its line', () => {
  assert.equal(after('# a\n# dstack-lsp: release=0.19.40\ntype: task\n', 'auto'), '# a\ntype: task\n');
  assert.equal(after('# dstack-lsp: release=0.19.40', 'auto'), '');
  assert.equal(after('type: task\n', 'auto'), 'type: task\n');
});
