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

/** The release that a document is checked against, as reported by the server. */
export interface Release {
  uri: string;
  release: string;
  /** What chose it. */
  origin: string;
  /** The same for users; may be empty. */
  source: string;
  /** Why it is not the requested one. */
  note?: string;
}

const RELEASE = new NotificationType<Release>('dstack/release');

/** The state of the server. */
export type Health = 'starting' | 'running' | 'stopped';

export class Session {
  /** The server that is running, or ran last. */
  server: Server | undefined;
  client: LanguageClient | undefined;
  health: Health = 'starting';

  readonly #changed = new vscode.EventEmitter<void>();
  readonly #decided = new vscode.EventEmitter<vscode.Uri>();
  /** The state of the server has changed. */
  readonly onDidChange = this.#changed.event;
  /** A document is now checked against another release. */
  readonly onDidDecide = this.#decided.event;

  readonly #context: vscode.ExtensionContext;
  readonly #output: vscode.LogOutputChannel;
  /** For each open document. */
  readonly #releases = new Map<string, Release>();
  readonly #closed: vscode.Disposable;
  /** Why no server starts. */
  #problems: string[] = [];
  /** Starts and stops run one after another. */
  #queue: Promise<void> = Promise.resolve();

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.#context = context;
    this.#output = output;
    this.#closed = vscode.workspace.onDidCloseTextDocument(document => {
      // Switching the language also closes a document and reopens it.
      if (document.isClosed) {
        this.#releases.delete(document.uri.toString());
      }
    });
  }

  /** The release that a document is checked against, if it is a dstack file. */
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

  /** The output of the server's executable with these arguments; if there is none, the user is notified. */
  async ask(...given: string[]): Promise<string> {
    await this.#queue;
    if (!this.server) {
      void this.#complain();
      throw new vscode.CancellationError();
    }
    return await output(this.server.command, given);
  }

  /** The client, once the server is running; if it does not start, the user is notified. */
  async running(): Promise<LanguageClient> {
    await this.#queue;
    if (!this.client?.isRunning()) {
      void this.#complain();
      throw new vscode.CancellationError();
    }
    return this.client;
  }

  /** Stops the server, and returns when it has stopped. */
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

  /** The client, which is no longer used here. */
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
      // A server that does not answer is killed, which is sufficient here.
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
      // The server also requests settings; with these, its first answer is already correct.
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
      // Other documents have been closed by now, or never existed: the requests for skeletons use a fictitious one.
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

  /** Reports that there is no server, and what can be done about it. */
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

/** Requests notifications from the server about the release that a document is checked against. */
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
