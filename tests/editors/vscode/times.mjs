// Measures how long a user waits from a key to the squiggle under the mistake that it made, both as seen by the page. The text, the
// keys and the two times are those of tests/bench/editors.py, which prints them.

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Workbench, until } from './workbench.mjs';

const TEXT = 'type: fleet\nname: bench\nresources:\n  gpu: A100\nnodes: 1';

export default async function times({ server, page, folder }) {
  fs.writeFileSync(path.join(folder, 'train.dstack.yml'), TEXT);
  const it = new Workbench(page);
  await it.open(server.url, folder);
  await it.closeSideBar();
  await it.file('train.dstack.yml');
  await it.hasStatus('status.editor.mode', /^dstack$/);
  await it.press('Control+End');
  await page.evaluate(() => {
    window.seen = {};
    const drawn = () => document.querySelector('.editor-instance .squiggly-error') !== null;
    addEventListener('keydown', () => (window.seen = { key: performance.now() }), { capture: true });
    new MutationObserver(() => {
      if (drawn()) {
        window.seen.squiggle ??= performance.now();
      }
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
  const samples = { pause: [], burst: [] };
  for (let round = 0; round < Number(process.env.ROUNDS ?? 20); round++) {
    for (const [kind, found] of Object.entries(samples)) {
      for (const letter of '234') {
        await it.keys.type(letter);
        await sleep(60);
      }
      if (kind === 'pause') {
        await sleep(2000);
      }
      await it.keys.type('x');
      found.push(
        await until('the squiggle', () =>
          page.evaluate(() => window.seen.squiggle && window.seen.squiggle - window.seen.key),
        ),
      );
      await it.press('Backspace', 'Backspace', 'Backspace', 'Backspace');
      await it.hasSquiggles();
      await sleep(1000);
    }
  }
  console.log(JSON.stringify(samples));
}
