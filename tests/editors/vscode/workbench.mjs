// A real VS Code workbench for tests: code-server with a fresh profile, shown in Chromium, and the actions of a user.
// Everything waits for a state of the page, and nothing for a time.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const modules = process.env.NODE_MODULES;
const require = createRequire(path.join(modules, '/'));
const { chromium } = require('playwright-core');
const upng = require('upng-js');

/** The version of VS Code. */
export const { version } = require('./code-server/lib/vscode/package.json');

/** Maximum time until a state is reached, in milliseconds, on a busy machine. */
let patience = 60_000;

/** Waits less from now on: a run with a failure cannot pass. */
export function hurry(page) {
  patience = 10_000;
  page.setDefaultTimeout(patience);
}

/** Calls the function repeatedly until its result is neither false nor an error; returns that. */
export async function until(what, ask, atMost = patience) {
  const end = Date.now() + atMost;
  for (;;) {
    let last;
    try {
      last = await ask();
      if (last) {
        return last;
      }
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`did not come: ${what}; last seen: ${last instanceof Error ? last : JSON.stringify(last)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** None of these is a setting of dstack: they only keep the window quiet and avoid requests to the network. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
  'files.autoSave': 'off',
  'editor.minimap.enabled': false,
};

/** VS Code as a server. */
export class Server {
  #options;
  #env;
  #process;
  #said = '';

  constructor(folder) {
    const data = path.join(folder, 'data');
    this.settings = path.join(data, 'User', 'settings.json');
    this.extensions = path.join(folder, 'extensions');
    fs.mkdirSync(path.dirname(this.settings), { recursive: true });
    fs.mkdirSync(this.extensions);
    fs.writeFileSync(this.settings, JSON.stringify(SETTINGS));
    const config = path.join(folder, 'config.yaml');
    fs.writeFileSync(config, 'auth: none\n');
    this.#options = [
      path.join(modules, 'code-server/out/node/entry.js'),
      ...['--config', config, '--user-data-dir', data, '--extensions-dir', this.extensions],
    ];
    // No gallery, so that nothing is looked up there.
    this.#env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  }

  install(vsix) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...this.#options, '--install-extension', vsix], {
      env: this.#env,
      encoding: 'utf8',
      timeout: 300_000,
    });
    if (status !== 0) {
      throw new Error(`${vsix} could not be installed:\n${stdout}${stderr}`);
    }
  }

  /** Starts it with these variables in its environment, on a free port. */
  async start(env) {
    const options = ['--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check'];
    // Allows the page to get tests for the extension host.
    options.push('--disable-workspace-trust', '--disable-getting-started-override', '--vscode-option', 'enable-smoke-test-driver');
    this.#process = spawn(process.execPath, [...this.#options, ...options], {
      env: { ...this.#env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', data => {
        this.#said += data;
      });
    }
    this.url = await until('a VS Code that listens', () => /listening on (http:\S+\d)/.exec(this.#said)?.[1]);
  }

  get said() {
    return this.#said;
  }

  /** Ends it and everything that it started. */
  async stop() {
    const { pid, exitCode } = this.#process ?? {};
    if (pid === undefined) {
      return;
    }
    // ends: only the race below waits for it, which has a limit.
    const ended = exitCode !== null || new Promise(resolve => this.#process.once('exit', resolve));
    const end = signal => {
      try {
        process.kill(-pid, signal);
      } catch {
        // It has ended.
      }
    };
    end('SIGTERM');
    await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 5_000).unref())]);
    end('SIGKILL');
  }
}

/** A browser without a window. */
export async function browser() {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  args.push('--disable-background-networking', '--disable-component-update', '--disable-sync');
  const started = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args });
  const context = await started.newContext({ viewport: { width: 840, height: 430 }, deviceScaleFactor: 1.5 });
  context.setDefaultTimeout(patience);
  return context;
}

/** A window of VS Code, and what a user sees and does in it. */
export class Workbench {
  constructor(page) {
    this.page = page;
    this.keys = page.keyboard;
  }

  /** Opens a folder or a `.code-workspace` file. */
  async open(url, place, payload = []) {
    this.folder = place;
    const query = new URLSearchParams({ [place.endsWith('.code-workspace') ? 'workspace' : 'folder']: place });
    query.set('payload', JSON.stringify(payload));
    await this.page.goto(`${url}/?${query}`);
    await this.page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 2 * patience });
  }

  /** Presses keys one after another, each time waiting until the page has processed it. */
  async press(...keys) {
    for (const key of keys) {
      await this.keys.press(key);
    }
  }

  /** Opens the box at the top of the window, types into it, and accepts the entry with this name once it is the first. */
  async #quickInput(key, text, name) {
    await this.press(key);
    const input = this.page.locator('.quick-input-widget:visible input').first();
    await input.waitFor();
    await input.fill(text);
    await this.#focusedRow(name);
    await this.press('Enter');
  }

  /** Narrows the list at the top of the window to an entry and accepts it. */
  async pick(name) {
    const input = this.page.locator('.quick-input-widget:visible input').first();
    await input.fill(name);
    await this.#focusedRow(name);
    await this.press('Enter');
  }

  async #focusedRow(name) {
    const label = this.page.locator('.label-name').getByText(name, { exact: true });
    await this.page.locator('.quick-input-widget:visible .monaco-list-row.focused', { has: label }).waitFor();
  }

  /** The entries of the list at the top of the window, by their accessible names. */
  rows() {
    return this.page.locator('.quick-input-widget:visible .monaco-list-row').evaluateAll(it => it.map(row => row.ariaLabel));
  }

  /** Runs a command by its title. */
  async command(title) {
    await this.#quickInput('F1', `>${title}`, title);
  }

  /** Opens a file by its name and waits until it can be typed into. */
  async file(name) {
    await this.#quickInput('Control+P', path.join(this.folder, name), path.basename(name));
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor();
  }

  /** Waits until the editor can be typed into. */
  async editor() {
    await this.press('Control+1');
    await this.page.locator('.editor-group-container.active .editor-instance .monaco-editor.focused').first().waitFor();
  }

  /** Closes the side bar, to make more room. */
  async closeSideBar() {
    const bar = this.page.locator('.part.sidebar');
    await bar.waitFor();
    await this.command('View: Close Primary Side Bar');
    await bar.waitFor({ state: 'hidden' });
  }

  /** Closes the group of editors at the side. */
  async closeSide() {
    await this.editor();
    await this.command('View: Close Editors in Other Groups');
    await until('one group', async () => (await this.page.locator('.editor-group-container').count()) === 1);
    await this.editor();
  }

  /** Puts the cursor before a column of a line, both from 1. */
  async cursor(line, column) {
    await this.#quickInput('Control+G', `:${line}:${column}`, /./);
    const place = `Ln ${line}, Col ${column}`;
    await this.hasStatus('status.editor.selection', new RegExp(`^${place}$`));
    await this.page.locator('.editor-group-container.active .editor-instance .monaco-editor.focused').first().waitFor();
  }

  async save() {
    await this.press('Control+S');
    await this.page.locator('.tab.active:not(.dirty)').waitFor();
  }

  /** The text of the editor as it is drawn, only the visible lines. */
  text() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.editor-group-container.active .editor-instance .view-lines .view-line')]
        .map(line => [Number.parseFloat(line.style.top), line.textContent.replaceAll('\u00a0', ' ')])
        .sort(([a], [b]) => a - b)
        .map(([, text]) => text)
        .join('\n'),
    );
  }

  /** The pieces of the text with their colors: `[text, color]`. */
  colors() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.editor-group-container.active .editor-instance .view-line span[class*=mtk]')].map(it => [
        it.textContent.replaceAll('\u00a0', ' '),
        getComputedStyle(it).color,
      ]),
    );
  }

  /** The text above each squiggle, in order: `error: comands`. */
  squiggles() {
    return this.page.evaluate(() => {
      const found = [];
      for (const severity of ['error', 'warning', 'info', 'hint']) {
        for (const it of document.querySelectorAll(`.editor-group-container.active .editor-instance .squiggly-${severity}`)) {
          const { left, right, top, bottom } = it.getBoundingClientRect();
          let text = '';
          for (const line of document.querySelectorAll('.editor-group-container.active .editor-instance .view-line')) {
            const at = line.getBoundingClientRect();
            if (at.top > (top + bottom) / 2 || at.bottom < (top + bottom) / 2) {
              continue;
            }
            const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              for (let index = 0; index < node.data.length; index++) {
                const range = document.createRange();
                range.setStart(node, index);
                range.setEnd(node, index + 1);
                const box = range.getBoundingClientRect();
                const middle = (box.left + box.right) / 2;
                if (middle > left && middle < right) {
                  text += node.data[index];
                }
              }
            }
          }
          found.push([top, `${severity}: ${text.replaceAll('\u00a0', ' ')}`]);
        }
      }
      return found.sort(([a], [b]) => a - b).map(([, it]) => it);
    });
  }

  /** Waits until exactly these squiggles are drawn. */
  async hasSquiggles(...expected) {
    await until(`squiggles ${JSON.stringify(expected)}`, async () => {
      const seen = await this.squiggles();
      if (JSON.stringify(seen) !== JSON.stringify(expected)) {
        throw new Error(JSON.stringify(seen));
      }
      return true;
    });
  }

  /** Moves the mouse to the text of a squiggle. */
  async mouseOnSquiggle(severity) {
    const squiggle = this.page.locator(`.editor-group-container.active .editor-instance .squiggly-${severity}`).first();
    // It has no box while it is being redrawn.
    const { x, y, height } = await until('a squiggle', () => squiggle.boundingBox());
    await this.page.mouse.move(x + 12, y + height / 2 - 1, { steps: 4 });
  }

  /** Waits for the light bulb and returns it. */
  async lightBulb() {
    // Its icon shows whether a fix is preferred, and it can be in the margin.
    const icons = ['light-bulb', 'lightbulb-autofix', 'gutter-lightbulb', 'gutter-lightbulb-auto-fix'];
    const bulb = this.page.locator(icons.map(it => `.editor-group-container.active .editor-instance .codicon-${it}`).join()).first();
    await bulb.waitFor();
    return bulb;
  }

  /**
   * Opens the menu of fixes with its key. VS Code drops the request of the key if it sends one by itself at that moment, which is
   * not visible: so the key is pressed again, as a user would do.
   */
  async quickFix() {
    await this.lightBulb();
    const row = this.page.locator('.action-widget .monaco-list-row.action').first();
    await until('a menu of fixes', async () => {
      await this.press('Control+.');
      await row.waitFor({ timeout: 3_000 });
      return true;
    });
  }

  /** Waits until the menu is open and returns its fixes. */
  async fixes() {
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    await rows.first().waitFor();
    return rows.allInnerTexts();
  }

  #hovers() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.monaco-hover:not(.hidden)')]
        .filter(it => it.offsetHeight > 0)
        .map(it => it.innerText.replaceAll('\u00a0', ' '))
        .join('\n'),
    );
  }

  /** The hover that contains this. */
  async hover(pattern) {
    return until(`a hover with ${pattern}`, async () => {
      const seen = await this.#hovers();
      if (!pattern.test(seen)) {
        throw new Error(seen);
      }
      return seen;
    });
  }

  async mouseAway() {
    await this.page.mouse.move(0, 0);
    await until('no hover', async () => (await this.#hovers()) === '');
  }

  /** Waits until completion would accept such an entry. */
  async focused(pattern) {
    await until(`${pattern} to be taken`, async () => {
      const label = await this.page.locator('.suggest-widget.visible .monaco-list-row.focused').getAttribute('aria-label');
      return pattern.test(label);
    });
  }

  /** Waits until an entry matches, and returns the accessible names of the offered completions. */
  async completions(pattern) {
    return until(`a completion with ${pattern}`, async () => {
      const seen = await this.page
        .locator('.suggest-widget.visible .monaco-list-row')
        .evaluateAll(rows => rows.map(it => it.ariaLabel.replaceAll('\u00a0', ' ')));
      if (!seen.some(it => pattern.test(it))) {
        throw new Error(JSON.stringify(seen));
      }
      return seen;
    });
  }

  /** An item of the status bar whose ID contains this. */
  statusItem(id) {
    return this.page.locator(`.part.statusbar .statusbar-item[id*="${id}"]`);
  }

  /** Waits until an item of the status bar has this text. */
  async hasStatus(id, pattern) {
    return until(`${pattern} in the status bar`, async () => {
      const seen = (await this.statusItem(id).allInnerTexts()).map(it => it.replaceAll('\u00a0', ' ').trim());
      if (!seen.some(it => pattern.test(it))) {
        throw new Error(JSON.stringify(seen));
      }
      return true;
    });
  }

  /** Waits for a message among the notifications, and closes it. */
  async notification(pattern) {
    await this.command('Notifications: Show Notifications');
    const message = this.page.locator('.notifications-center .notification-list-item', { hasText: pattern }).first();
    await message.waitFor();
    await this.command('Notifications: Clear All Notifications');
  }

  /** Waits for a page that contains this. */
  async webview(pattern) {
    await until(`a page with ${pattern}`, async () => {
      for (const frame of this.page.frames()) {
        const text = await frame.evaluate(() => document.body?.innerText ?? '').catch(() => '');
        if (frame !== this.page.mainFrame() && pattern.test(text)) {
          return true;
        }
      }
      return false;
    });
  }

  /** With UPDATE=1, takes a picture of the current window, without its title, for the README of the extension. */
  async picture(name, { withTitle = false } = {}) {
    if (process.env.UPDATE !== '1') {
      return;
    }
    const { width, height } = this.page.viewportSize();
    const y = withTitle ? 0 : (await this.page.locator('.part.titlebar').boundingBox()).height;
    const taken = await this.page.screenshot({ clip: { x: 0, y, width, height: height - y }, animations: 'disabled' });
    // As small as possible without a visible loss.
    const image = upng.decode(taken);
    const small = upng.encode(upng.toRGBA8(image), image.width, image.height, 256);
    fs.writeFileSync(path.join(process.env.PICTURES, `${name}.png`), Buffer.from(small));
  }
}
