// Finds the executable of the language server and queries it. Does not depend on VS Code.

import { type ExecFileOptions, execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/** Maximum time until a program prints its version. A virus scanner may check it first. */
const PATIENCE = 20_000;

/** What determines the location of the server. */
export interface Place {
  /** The setting `dstack.server.path`; empty if it is not set. */
  setting: string;
  /** The folder of the user. */
  home: string;
  /** The first folder of the workspace. */
  workspaceFolder: string | undefined;
  /** The folder of the extension. */
  extension: string;
  platform: NodeJS.Platform;
}

/** A program that may be the server. */
export interface Candidate {
  /** A path, or a name that is searched on `PATH`. */
  command: string;
  /** Its origin, for users. */
  from: string;
}

/** A server that starts. */
export interface Server extends Candidate {
  /** Its version and known releases: `0.1.0 (knows dstack 0.18.0 to 0.22.5)`. */
  version: string;
}

/** The candidates, the best first. If the user sets a program, it is the only one. */
export function candidates(place: Place): Candidate[] {
  if (place.setting.trim()) {
    return [{ command: expanded(place.setting.trim(), place), from: 'the setting `dstack.server.path`' }];
  }
  const file = place.platform === 'win32' ? 'dstack-lsp.exe' : 'dstack-lsp';
  return [
    { command: path.join(place.extension, 'server', file), from: 'the extension' },
    { command: 'dstack-lsp', from: '`PATH`' },
  ];
}

/** A path as users write it. A plain name is kept, to be searched on `PATH`. */
function expanded(written: string, place: Place): string {
  const folder = place.workspaceFolder;
  let command = written.replace(/^~(?=[/\\]|$)/, () => place.home);
  if (folder !== undefined) {
    command = command.replaceAll('${workspaceFolder}', () => folder);
    if (/[/\\]/.test(command) && !path.isAbsolute(command)) {
      command = path.join(folder, command);
    }
  }
  return command;
}

/** The first one that starts; or the reasons why none does, one line each. */
export async function find(candidates: Candidate[]): Promise<Server | string[]> {
  const problems: string[] = [];
  for (const candidate of candidates) {
    try {
      const command = await located(candidate.command);
      const said = await output(command, ['--version']);
      const version = /^dstack-lsp (.+)/.exec(said)?.[1];
      if (version !== undefined) {
        return { ...candidate, command, version: version.trim() };
      }
      problems.push(`${candidate.command}, from ${candidate.from}, is another program`);
    } catch (error) {
      problems.push(`${candidate.command}, from ${candidate.from}, does not start: ${reason(error)}`);
    }
  }
  return problems;
}

/**
 * The location of a program. A plain name is searched on `PATH` here, and only in absolute folders: Windows would search the open
 * folder first, whose contents are not trusted.
 */
async function located(command: string): Promise<string> {
  if (/[/\\]/.test(command)) {
    return command;
  }
  const file = process.platform === 'win32' && !/\.exe$/i.test(command) ? `${command}.exe` : command;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(it => path.isAbsolute(it))) {
    try {
      const found = path.join(folder, file);
      await access(found, constants.X_OK);
      return found;
    } catch {
      // It does not exist.
    }
  }
  throw Object.assign(new Error(), { code: 'ENOENT' });
}

/** The output of the program; fails with its error output. */
export function output(command: string, options: string[]): Promise<string> {
  const how: ExecFileOptions = { timeout: PATIENCE, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(command, options, { ...how, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error) {
        reject(stderr.trim() ? new Error(stderr.trim()) : error);
      } else {
        resolve(stdout);
      }
    });
  });
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such program';
    case 'EACCES':
      return 'it may not be run';
    default:
      return message;
  }
}

/** A rule as `dstack-lsp explain` lists it. */
export interface Rule {
  name: string;
  sentence: string;
}

/** Reads the list of `dstack-lsp explain`. */
export function rules(listed: string): Rule[] {
  const lines = listed.split(/\r?\n/).map(line => /^(\S+)\s+(.*)$/.exec(line));
  return lines.flatMap(it => (it?.[1] && it[2] ? [{ name: it[1], sentence: it[2] }] : []));
}

/** Reads the list of `dstack-lsp releases`. */
export function releases(listed: string): string[] {
  return listed.split(/\s+/).filter(it => /^\d+\.\d+\.\d+/.test(it));
}
