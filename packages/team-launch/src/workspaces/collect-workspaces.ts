import { isAtOrBelow, isRootPath, keyOf, type Platform } from "@trust/claude-state-probe";
import { providers, type Pair, type Provider } from "@trust/preflight";
import type { EffectiveMember } from "../team/team.ts";
import type { NotPersistable, Workspace, WorkspaceSource, WorkspaceUse } from "./workspace.ts";

/** Facts about a folder that only the disk knows. */
export type FolderFacts = {
  /** The path with links followed. */
  readonly real: string;
  /** The root of its repository; for a linked worktree the root of the main checkout; null outside a repository. */
  readonly gitRoot: string | null;
};

/** A member from a runtime: its provider may be unknown to us. */
export type PlacedMember = Pick<EffectiveMember, "name" | "role" | "cwd" | "worktree"> & {
  readonly provider: string;
};

export type CollectOptions = {
  /** Every spelling of the home folder: as named, and with links followed. */
  readonly homes: readonly string[];
  /** Called once per folder. Null: the folder is missing, or the path is no folder. */
  readonly factsOf: (folder: string) => FolderFacts | null;
  /** Default: linux, which also means every other Unix. */
  readonly platform?: Platform;
  /**
   * The provider whose trust the runtime's own gate reads before it starts any agent. Its trust is planned for every
   * workspace, for agents of any provider. Default: none.
   */
  readonly gate?: Provider;
};

export type WorkspaceDiagnostic = {
  readonly code: "unknown-provider";
  readonly memberId: string;
  readonly found: string;
};

export type Collected = {
  /** In the order of the team. Two spellings of one folder give one workspace. */
  readonly workspaces: readonly Workspace[];
  /** For preflight: each workspace with each provider that starts there, and with the gate's provider, once. */
  readonly pairs: readonly Pair[];
  readonly diagnostics: readonly WorkspaceDiagnostic[];
};

/**
 * The workspaces of a launch, from all effective members, including those of a side lane: pass them before filtering.
 * Only the named folders are collected. An unknown provider is a diagnostic, and its member is left to the runtime.
 */
export const collectWorkspaces = (
  members: readonly PlacedMember[],
  { homes, factsOf, platform = "linux", gate }: CollectOptions,
): Collected => {
  const draftOf = memoized((cwd) => draft(cwd, factsOf(cwd), homes, platform));
  const known = members.filter(hasKnownProvider);
  const byKey = groupedBy(known, ({ cwd }) => draftOf(cwd).comparisonKey);
  const workspaces = [...byKey.values()].flatMap((all) => {
    const [first, ...others] = all;
    if (first === undefined) return [];
    const uses: Workspace["uses"] = [useOf(first), ...others.map(useOf)];
    return [{ id: first.name, ...draftOf(first.cwd), uses }];
  });
  return {
    workspaces,
    pairs: workspaces.flatMap((workspace) => pairsOf(workspace, gate)),
    diagnostics: members
      .filter((member) => !hasKnownProvider(member))
      .map(({ name, provider }) => ({ code: "unknown-provider", memberId: name, found: provider })),
  };
};

const hasKnownProvider = <M extends { readonly provider: string }>(
  member: M,
): member is M & { readonly provider: Provider } =>
  (providers as readonly string[]).includes(member.provider);

const groupedBy = <T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
};

const memoized = <T>(compute: (text: string) => T): ((text: string) => T) => {
  const found = new Map<string, T>();
  return (text) => {
    const known = found.get(text);
    if (known !== undefined) return known;
    const value = compute(text);
    found.set(text, value);
    return value;
  };
};

const draft = (
  display: string,
  facts: FolderFacts | null,
  homes: readonly string[],
  platform: Platform,
): Omit<Workspace, "id" | "uses"> => {
  const real = facts?.real ?? display;
  const configKey = keyOf(real, platform);
  const gitRootKeyOf = (root: string | null): string | null => {
    if (root === null) return null;
    return root === real ? configKey : keyOf(root, platform);
  };
  return {
    display,
    real,
    configKey,
    gitRootKey: gitRootKeyOf(facts?.gitRoot ?? null),
    comparisonKey: comparisonOf(configKey, platform),
    notPersistable: reasonOf(configKey, facts, homes, platform),
  };
};

/** Equal for two keys of one real path. Windows ignores letter case; macOS may not, so case is kept there as on Linux. */
const comparisonOf = (configKey: string, platform: Platform): string =>
  platform === "win32" ? configKey.toLowerCase() : configKey;

const reasonOf = (
  key: string,
  facts: FolderFacts | null,
  homes: readonly string[],
  platform: Platform,
): NotPersistable | null => {
  if (isRootPath(key, platform)) return "filesystem_root";
  const isHome = (home: string): boolean =>
    isAtOrBelow(home, key, platform) && isAtOrBelow(key, home, platform);
  if (homes.some(isHome)) return "home_directory";
  return facts === null ? "unavailable" : null;
};

const useOf = (member: PlacedMember & { readonly provider: Provider }): WorkspaceUse => ({
  source: sourceOf(member),
  memberId: member.name,
  provider: member.provider,
});

const sourceOf = ({ role, worktree }: PlacedMember): WorkspaceSource => {
  if (worktree) return "member-worktree";
  return role === "lead" ? "team-root" : "member-cwd";
};

const pairsOf = ({ display, uses }: Workspace, gate: Provider | undefined): readonly Pair[] => {
  const starting = uses.map(({ provider }) => provider);
  const asked = gate === undefined ? starting : [gate, ...starting];
  return [...new Set(asked)].map((provider) => ({ folder: display, provider }));
};

/** The pairs that are known before models and worktrees: the lead's folder with each provider. For `planArgsOnly`. */
export const earlyPairs = (
  members: readonly (Pick<EffectiveMember, "role" | "folder"> & { readonly provider: string })[],
): readonly Pair[] => {
  const root = members.find(({ role }) => role === "lead")?.folder;
  if (root === undefined) return [];
  const known = members.filter(hasKnownProvider).map(({ provider }) => provider);
  return [...new Set(known)].map((provider) => ({ folder: root, provider }));
};
