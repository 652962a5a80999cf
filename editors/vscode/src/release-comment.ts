// The comment at the top of a file that chooses the release: `# dstack-lsp: release=0.19.40`. Does not depend on VS Code.

/** A replacement of a range in a text; lines and columns count from 0. */
export interface Edit {
  start: { line: number; column: number };
  end: { line: number; column: number };
  text: string;
}

const COMMENT = /^(\s*#+\s*dstack-lsp:\s*release\s*=\s*)(\S*)/;

/** The effective comment: the first one on a line of its own above everything else. */
function found(lines: string[]): { line: number; before: string; release: string } | undefined {
  for (const [line, text] of lines.entries()) {
    const [, before, release] = COMMENT.exec(text) ?? [];
    if (before !== undefined && release !== undefined) {
      return { line, before, release };
    }
    if (text.trim() !== '' && !text.trimStart().startsWith('#')) {
      return undefined;
    }
  }
  return undefined;
}

/** The release in the comment of a file. */
export function commented(lines: string[]): string | undefined {
  return found(lines)?.release;
}

/** The edit that sets the comment to this release, or removes it for `auto`. */
export function edited(lines: string[], release: string): Edit | undefined {
  const comment = found(lines);
  if (!comment) {
    const at = { line: 0, column: 0 };
    return release === 'auto'
      ? undefined
      : { start: at, end: at, text: `# dstack-lsp: release=${release}\n` };
  }
  const { line, before } = comment;
  if (release !== 'auto') {
    const end = before.length + comment.release.length;
    return { start: { line, column: before.length }, end: { line, column: end }, text: release };
  }
  const isLast = line + 1 >= lines.length;
  const end = isLast ? { line, column: lines[line]?.length ?? 0 } : { line: line + 1, column: 0 };
  return { start: { line, column: 0 }, end, text: '' };
}
