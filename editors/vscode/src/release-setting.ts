// The setting `dstack.release` and its scopes: what to write into one, and which other one overrides it. Does not depend on VS Code.

/** The value of the setting in each scope, from the widest to the narrowest, as VS Code reports it. */
export interface Scopes {
  defaultValue?: string | undefined;
  globalValue?: string | undefined;
  workspaceValue?: string | undefined;
  workspaceFolderValue?: string | undefined;
}

const SCOPES = ['defaultValue', 'globalValue', 'workspaceValue', 'workspaceFolderValue'] as const;

export type Scope = Exclude<(typeof SCOPES)[number], 'defaultValue'>;

/** The value to write into a scope: none for `auto`, unless a wider scope would then apply. */
export function written(release: string, scope: Scope, scopes: Scopes): string | undefined {
  if (release !== 'auto') {
    return release;
  }
  const wider = SCOPES.slice(0, SCOPES.indexOf(scope)).map(it => scopes[it]);
  const inherited = wider.filter(it => it !== undefined).at(-1);
  return inherited === undefined || inherited === 'auto' ? undefined : 'auto';
}

/** The narrowest scope that overrides this one, with its value. */
export function decider(scope: Scope, scopes: Scopes): { scope: Scope; release: string } | undefined {
  for (const narrower of ['workspaceFolderValue', 'workspaceValue'] as const) {
    const release = scopes[narrower];
    if (narrower === scope) {
      return undefined;
    }
    if (release !== undefined) {
      return { scope: narrower, release };
    }
  }
  return undefined;
}
