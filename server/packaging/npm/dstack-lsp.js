#!/usr/bin/env node
// Starts the executable, which npm has chosen for this machine among the optional dependencies. Nothing is downloaded here.
'use strict';
const { spawn } = require('node:child_process');
const { constants } = require('node:os');

const { platform, arch } = process;
const program = platform === 'win32' ? 'dstack-lsp.exe' : 'dstack-lsp';
// An npm that does not support `libc` installs both; the one for musl runs on every Linux, since it needs no library.
const names = [`${platform}-${arch}`, `${platform}-${arch}-musl`];
if (platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
  names.reverse();
}

function found() {
  for (const name of names) {
    try {
      return require.resolve(`@dstack-lsp/${name}/${program}`);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
}

const path = found();
if (!path) {
  console.error(`dstack-lsp: no package @dstack-lsp/${names[0]} is installed. Either there is none for this machine, or npm`);
  console.error('omitted optional dependencies (`--omit=optional`). With Rust, `cargo install` builds it.');
  process.exit(2);
}

const child = spawn(path, process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
// The child decides what a signal means; a signal that ends this process is passed on to it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
child.on('error', error => {
  console.error(`dstack-lsp: cannot start ${path}: ${error.message}`);
  process.exit(2);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
