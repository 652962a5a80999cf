// The value that is written into a scope of the setting, and which other scope overrides it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decider, written } from '../src/release-setting';

test('`auto` is written only where a wider scope says otherwise', () => {
  const none = { defaultValue: 'auto' };
  assert.equal(written('auto', 'globalValue', { ...none, globalValue: '0.19.40' }), undefined);
  assert.equal(written('auto', 'workspaceValue', { ...none, workspaceValue: '0.19.40' }), undefined);
  assert.equal(written('auto', 'workspaceValue', { ...none, globalValue: '0.19.40' }), 'auto');
  assert.equal(written('auto', 'workspaceFolderValue', { ...none, globalValue: '0.19.40' }), 'auto');
  const back = { ...none, globalValue: '0.19.40', workspaceValue: 'auto' };
  assert.equal(written('auto', 'workspaceFolderValue', back), undefined);
  assert.equal(written('0.20.1', 'workspaceValue', none), '0.20.1');
});

test('the narrowest other scope decides', () => {
  const both = { globalValue: '0.18.30', workspaceValue: '0.19.40', workspaceFolderValue: 'auto' };
  assert.deepEqual(decider('globalValue', both), { scope: 'workspaceFolderValue', release: 'auto' });
  assert.deepEqual(decider('workspaceValue', both), { scope: 'workspaceFolderValue', release: 'auto' });
  assert.equal(decider('workspaceFolderValue', both), undefined);
  const workspace = { workspaceValue: '0.19.40' };
  assert.deepEqual(decider('globalValue', workspace), { scope: 'workspaceValue', release: '0.19.40' });
  assert.equal(decider('workspaceValue', workspace), undefined);
});
