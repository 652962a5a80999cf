// Starts VS Code with the extension installed, runs the checks in the window and those in the extension host, and prints a line
// for each and, at the end, `N passed, N failed`. Usage: drive.mjs FOLDER, a folder to work in; environment: see `run`.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import host from './host.mjs';
import times from './times.mjs';
import ui from './ui.mjs';
import { Server, browser, hurry, version } from './workbench.mjs';

const [folder] = process.argv.slice(2);
const { VSIX, RECORDED, KEEP, ONLY } = process.env;
let passed = 0;
let failed = 0;

/** A check in the window: it fails if the function does, and saves a picture in the folder KEEP. */
const check = page => async (name, run) => {
  try {
    // Closes whatever a failed check left open.
    await page.keyboard.press('Escape');
    await run();
    report(name);
  } catch (error) {
    hurry(page);
    const picture = KEEP && path.join(KEEP, `${name.replaceAll(/\W+/g, '-')}.png`);
    if (picture) {
      fs.mkdirSync(KEEP, { recursive: true });
      await page.screenshot({ path: picture }).catch(() => {});
    }
    const text = await page.evaluate(() => document.body.innerText).catch(String);
    report(name, [error.stack, ...(picture ? [picture] : ['the window:', text])].join('\n'));
  }
};

/** Prints the result of a check. */
function report(name, problem) {
  if (problem === undefined) {
    passed += 1;
    console.log(`ok ${name}`);
  } else {
    failed += 1;
    console.log(`FAILED ${name}\n${problem.replaceAll(/^/gm, '  ')}`);
  }
}

const seconds = since => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const server = new Server(path.join(folder, 'code'));
let window;

async function close() {
  await window?.browser()?.close();
  await server.stop();
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.once(signal, () => close().finally(() => process.exit(1)));
}

try {
  const began = Date.now();
  server.install(VSIX);
  console.log(`installed ${(fs.statSync(VSIX).size / 2 ** 20).toFixed(1)} MiB of .vsix in ${seconds(began)}`);
  // From here on, all messages between the server and VS Code are recorded, unless that would affect the measured times.
  if (ONLY !== 'times') {
    const [installed] = fs.readdirSync(server.extensions).filter(it => it.includes('dstack-lsp'));
    const executable = path.join(server.extensions, installed, 'server');
    fs.rmSync(path.join(executable, 'dstack-lsp'));
    execFileSync(RECORDED, [executable], { timeout: 60_000 });
  }

  const results = path.join(folder, 'results');
  await server.start({ RESULTS: results });
  window = await browser();
  console.log(`version VS Code ${version} (code-server), Chromium ${window.browser().version()}`);
  for (const [name, run] of Object.entries({ ui, host, times })) {
    // Measuring times is not a check.
    if (ONLY ? ONLY !== name : name === 'times') {
      continue;
    }
    const began = Date.now();
    const page = await window.newPage();
    const place = path.join(folder, name);
    fs.mkdirSync(place);
    await run({ server, page, check: check(page), report, folder: place, results }).catch(error =>
      report(`${name} to its end`, `${error.stack}\n${server.said}`),
    );
    await page.close();
    console.log(`${name} ${seconds(began)}`);
  }
} catch (error) {
  report('to the end', `${error.stack}\n${server.said}`);
} finally {
  await close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
