// The language server of this window: started, watched, restarted; and which release each document is checked against.

import os from 'node:os';
import * as vscode from 'vscode';
import {
  type ClientCapabilities,
  type FeatureState,
  LanguageClient,
  NotificationType,
  State,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { withLinks } from './explain';
import { candidates, find, output, type Server } from './server';

/** What a document is checked against, as the server says it. */
export interface Release {
  uri: string;
  release: string;
  /** Who decided. */
  origin: string;
  /** The same for people; may be empty. */
  source: string;
  /** Why it is not the one that was asked for. */
  note?: string;
}

const RELEASE = new NotificationType<Release>('dstack/release');

/** How the server is. */
export type Health = 'starting' | 'running' | 'stopped';

export class Session {
  /** The server that runs, or ran last. */
  server: Server | undefined;
  client: LanguageClient | undefined;
  health: Health = 'starting';

  readonly #changed = new vscode.EventEmitter<void>();
  readonly #decided = new vscode.EventEmitter<vscode.Uri>();
  /** The server is in another state. */
  readonly onDidChange = this.#changed.event;
  /** A document is checked against another release than before. */
  readonly onDidDecide = this.#decided.event;

  readonly #context: vscode.ExtensionContext;
  readonly #output: vscode.LogOutputChannel;
  /** By document, of those that are open. */
  readonly #releases = new Map<string, Release>();
  readonly #closed: vscode.Disposable;
  /** Why no server starts. */
  #problems: string[] = [];
  /** Starts and stops follow one another. */
  #queue: Promise<void> = Promise.resolve();

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#context = context;
    this.#output = output;
    this.#closed = vscode.workspace.onDidCloseTextDocument(document => {
      // To switch the language closes a document, too, but not for good.
      if (document.isClosed) {
        this.#releases.delete(document.uri.toString());
      }
    });
  }

  /** What a document is checked against, if it is one of dstack's. */
  release(uri: vscode.Uri): Release | undefined {
    return this.#releases.get(uri.toString());
  }

  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  restart(): Promise<void> {
    // At once, so that nothing more is sent to it.
    const last = this.#detach();
    return this.#next(async () => {
      await this.#stop(last);
      await this.#stop(this.#detach());
      await this.#start();
    });
  }

  /** What the server's executable prints if it is started with these arguments; if there is none, its user is told. */
  async ask(...given: string[]): Promise<string> {
    await this.#queue;
    if (!this.server) {
      void this.#complain();
      throw new vscode.CancellationError();
    }
    return await output(this.server.command, given);
  }

  /** The client, once the server runs; if it does not, its user is told. */
  async running(): Promise<LanguageClient> {
    await this.#queue;
    if (!this.client?.isRunning()) {
      void this.#complain();
      throw new vscode.CancellationError();
    }
    return this.client;
  }

  /** Stops the server, and returns when it has. */
  async dispose(): Promise<void> {
    this.#closed.dispose();
    const last = this.#detach();
    await this.#next(async () => {
      await this.#stop(last);
      await this.#stop(this.#detach());
    });
    this.#changed.dispose();
    this.#decided.dispose();
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step).catch(error => this.#output.error(String(error)));
    return this.#queue;
  }

  #become(health: Health) {
    this.health = health;
    this.#changed.fire();
  }

  async #start(): Promise<void> {
    this.#become('starting');
    const found = await find(
      candidates({
        setting: vscode.workspace.getConfiguration('dstack').get('server.path', ''),
        home: os.homedir(),
        workspaceFolder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
        extension: this.#context.extensionPath,
        platform: process.platform,
      }),
    );
    if (Array.isArray(found)) {
      this.server = undefined;
      this.#problems = found;
      this.#become('stopped');
      for (const problem of found) {
        this.#output.error(problem);
      }
      void this.#complain();
      return;
    }
    this.#output.info(`dstack-lsp ${found.version}, from ${found.from}: ${found.command}`);
    this.server = found;
    this.client = this.#newClient(found);
    await this.client.start();
  }

  /** The client, which is ours no more. */
  #detach(): LanguageClient | undefined {
    const client = this.client;
    this.client = undefined;
    this.#forget();
    return client;
  }

  async #stop(client: LanguageClient | undefined): Promise<void> {
    try {
      await client?.dispose();
    } catch (error) {
      // A server that does not answer is killed, and that is all we want here.
      this.#output.warn(String(error));
    }
  }

  #forget() {
    const uris = [...this.#releases.keys()];
    this.#releases.clear();
    for (const uri of uris) {
      this.#decided.fire(vscode.Uri.parse(uri));
    }
  }

  #newClient(server: Server): LanguageClient {
    const selector = ['dstack', 'yaml'].flatMap(language => [
      { scheme: 'file', language },
      { scheme: 'untitled', language },
    ]);
    const executable = { command: server.command, args: ['--stdio'] };
    const client: LanguageClient = new LanguageClient('dstack', 'dstack', executable, {
      documentSelector: selector,
      outputChannel: this.#output,
      // The server asks for settings, too; with these, its first answer is right already.
      initializationOptions: () => ({ release: vscode.workspace.getConfiguration('dstack').get('release') }),
      middleware: {
        handleDiagnostics: (uri, diagnostics, next) => next(uri, withLinks(diagnostics)),
        provideDiagnostics: async (document, previous, token, next) => {
          const report = await next(document, previous, token);
          if (report?.kind === 'full') {
            withLinks(report.items);
          }
          return report;
        },
        workspace: {
          didChangeConfiguration: async (sections, next) => {
            if (this.client === client) {
              await next(sections);
            }
          },
        },
      },
    });
    client.registerFeature(new TellsRelease());
    client.onNotification(RELEASE, it => {
      const uri = client.protocol2CodeConverter.asUri(it.uri);
      const key = uri.toString();
      // Others have been closed by now, or were never there: a made-up one is asked about for skeletons.
      if (vscode.workspace.textDocuments.some(document => document.uri.toString() === key)) {
        this.#releases.set(key, it);
        this.#decided.fire(uri);
      }
    });
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) {
        return;
      }
      switch (newState) {
        case State.Starting:
          return this.#become('starting');
        case State.Running:
          return this.#become('running');
        default:
          this.#forget();
          return this.#become('stopped');
      }
    });
    return client;
  }

  /** Says that there is no server, and what can be done about it. */
  async #complain() {
    if (this.server) {
      const restart = 'Restart';
      const chosen = await vscode.window.showErrorMessage(
        'The dstack language server does not run.',
        restart,
      );
      return chosen === restart ? this.restart() : undefined;
    }
    const settings = 'Open Settings';
    const output = 'Show Output';
    const install = 'How to Install';
    const isSet = vscode.workspace.getConfiguration('dstack').get('server.path', '') !== '';
    const message = isSet
      ? `${this.#problems.join('. ').replaceAll('`', '')}.`
      : 'No dstack-lsp starts here: neither one that came with the extension nor one on PATH. The output says why.';
    const chosen = await vscode.window.showErrorMessage(message, settings, output, install);
    switch (chosen) {
      case settings:
        return vscode.commands.executeCommand('workbench.action.openSettings', 'dstack.server.path');
      case output:
        return this.#output.show();
      case install:
        return vscode.commands.executeCommand(
          'markdown.showPreview',
          vscode.Uri.joinPath(this.#context.extensionUri, 'install.md'),
        );
    }
  }
}

/** Says to the server that we want to know which release a document is checked against. */
class TellsRelease implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...capabilities.experimental, dstackRelease: true };
  }
  initialize(): void {}
  getState(): FeatureState {
    return { kind: 'static' };
  }
  clear(): void {}
}
