// Bundles the extension into `dist/extension.js`, and its tests into `dist/test`.
//
//   node build.mjs               for development, with a source map
//   node build.mjs --watch       the same, repeated after each change
//   node build.mjs --production  as it is shipped: minified, and with the required licenses
//   node build.mjs --tests       the tests, for `node --test`

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
process.chdir(here);
const production = process.argv.includes('--production');
const tests = process.argv.includes('--tests');

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  logLevel: 'warning',
};

if (tests) {
  rmSync('dist/test', { recursive: true, force: true });
  const entryPoints = readdirSync('test').filter(it => it.endsWith('.test.ts'));
  await esbuild.build({ ...common, entryPoints: entryPoints.map(it => `test/${it}`), outdir: 'dist/test' });
} else {
  const extension = {
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    minify: production,
    sourcemap: !production,
    metafile: true,
  };
  if (process.argv.includes('--watch')) {
    const context = await esbuild.context({ ...extension, logLevel: 'info' });
    await context.watch();
  } else {
    const { metafile } = await esbuild.build(extension);
    if (production) {
      rmSync('dist/extension.js.map', { force: true });
      licenses(Object.keys(metafile.inputs));
      readme();
    }
  }
}

/** Our licenses, and those of the packages that are in the bundle. */
function licenses(inputs) {
  const ours = ['LICENSE-MIT', 'LICENSE-APACHE'].map(it => readFileSync(join('../..', it), 'utf8').trim());
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  writeFileSync(
    'LICENSE.txt',
    `dstack-lsp is under the MIT or the Apache 2.0 license, as you like.${rule}${ours.join(rule)}\n`,
  );

  const folders = inputs.map(it => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(it)?.[1]);
  const notices = [...new Set(folders)]
    .filter(Boolean)
    .sort()
    .map(folder => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find(it => /^licen[cs]e(\.|$)/i.test(it));
      if (!file || !existsSync(join(folder, file))) {
        throw new Error(`${name} has no license that could go with it`);
      }
      return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
    });
  writeFileSync('NOTICES.txt', `What others wrote of this extension.${rule}${notices.join(rule)}\n`);
}

/** The page of the extension, without pictures: VS Code shows only pictures with an address, and the project has none yet. */
function readme() {
  const text = readFileSync('README.md', 'utf8');
  writeFileSync('dist/README.md', text.replace(/^ *!\[.*\]\(images\/.*\)\n\n?/gm, ''));
}
