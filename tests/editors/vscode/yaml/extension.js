// An extension like others for YAML: yaml-language-server on every file of the language `yaml`. Its schema matches no mapping
// with an entry, so it reports something in every file that it gets, on each line with a key.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { workspace } = require('vscode');

const modules = process.env.NODE_MODULES;
const { LanguageClient } = createRequire(path.join(modules, '/'))('vscode-languageclient/node');

let client;

exports.activate = async context => {
  await fs.promises.mkdir(context.globalStorageUri.fsPath, { recursive: true });
  const schema = path.join(context.globalStorageUri.fsPath, 'nothing.json');
  await fs.promises.writeFile(schema, JSON.stringify({ type: 'object', additionalProperties: false }));
  const settings = { schemas: { [`file://${schema}`]: ['*.yml', '*.yaml'] }, validate: true, schemaStore: { enable: false } };
  const server = path.join(modules, 'yaml-language-server/bin/yaml-language-server');
  client = new LanguageClient('yaml', 'YAML', { command: process.execPath, args: [server, '--stdio'] }, {
    documentSelector: [{ language: 'yaml' }],
    middleware: {
      // The server may be processing a file when that is closed, and reports on it afterwards; these diagnostics are never
      // withdrawn. That is a defect of that server, seen on a machine with ten times its load; these tests are about our server.
      handleDiagnostics: (uri, diagnostics, next) => {
        const isOpen = workspace.textDocuments.some(it => it.languageId === 'yaml' && `${it.uri}` === `${uri}`);
        next(uri, isOpen ? diagnostics : []);
      },
      workspace: { configuration: ({ items }) => items.map(it => (it.section === 'yaml' ? settings : {})) },
    },
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
