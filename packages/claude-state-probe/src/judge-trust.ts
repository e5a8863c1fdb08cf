import type { Grant } from "./grants-from.ts";
import { doubtOf, explainDoubt, trustKey, type WorkspacePaths } from "./workspace-paths.ts";
import { keyAndParents, keyOf, type Platform } from "./keys.ts";
import { explain, type TrustCause, type TrustCode, type TrustProbe } from "./trust-probe.ts";
import { versionAtLeast } from "./version.ts";

export type TrustFacts = {
  /** The value of `projects` in Claude's state file. Of an entry, only `hasTrustDialogAccepted` is read. */
  readonly projects: Readonly<Record<string, unknown>>;
  readonly paths: WorkspacePaths;
  readonly grants: readonly Grant[];
  readonly file: string;
  /** If not given, the newest version's rule applies, which is the strictest. */
  readonly cliVersion?: string | undefined;
  /** Default `linux`. */
  readonly platform?: Platform | undefined;
  /** `CLAUDE_CODE_IGNORE_PERSISTED_TRUST` is set. */
  readonly ignorePersistedTrust?: boolean | undefined;
};

type Verdict = TrustCause & Pick<TrustProbe, "state" | "code">;

/**
 * From this version on, a trusted folder covers the folders below it only down to the next repository (both
 * sides seen: 2.1.231 and 2.1.232).
 */
const parentsStopAtGitRoot = "2.1.232";

/**
 * From this version on, Claude Code asks about a folder that pre-approves permissions until its own trust key
 * is accepted (both sides seen: 2.1.199 and 2.1.200).
 */
const permissionsNeedOwnKey = "2.1.200";

/** The paths that the judgement uses, each spelled as a key. */
type Keys = {
  readonly real: string;
  readonly given: string;
  readonly home: string;
  readonly root: string | null;
  /** The key that Claude Code would write. */
  readonly wanted: string;
  /** The nearest accepted key at or above the folder, even if it does not count. */
  readonly nearest: string | undefined;
};

/** True if exactly this key is recorded as trusted. */
export const isAccepted = (projects: TrustFacts["projects"], key: string): boolean => {
  const entry: unknown = Object.hasOwn(projects, key) ? projects[key] : undefined;
  if (typeof entry !== "object" || entry === null) return false;
  return "hasTrustDialogAccepted" in entry && entry.hasTrustDialogAccepted === true;
};

const since = (version: string, { cliVersion }: TrustFacts): boolean =>
  cliVersion === undefined || versionAtLeast(cliVersion, version);

const keysOf = ({ projects, paths, cliVersion, platform = "linux" }: TrustFacts): Keys => {
  const real = keyOf(paths.real, platform);
  return {
    real,
    given: keyOf(paths.given, platform),
    home: keyOf(paths.home, platform),
    root: paths.gitRoot === null ? null : keyOf(paths.gitRoot, platform),
    wanted: trustKey(paths, cliVersion, platform),
    nearest: keyAndParents(real, platform).find((key) => isAccepted(projects, key)),
  };
};

/**
 * Claude Code asks only about the folder's own settings, not about those of the repository's root or main
 * checkout (2.1.328). It asks about a `settings.local.json` if git tracks it; inside a repository we assume
 * that git does.
 */
const preApprovesPermissions = (
  { grants, paths, platform = "linux" }: TrustFacts,
  { real }: Keys,
): boolean => {
  const asked = [`${real}/.claude/settings.json`];
  if (paths.gitRoot !== null) asked.push(`${real}/.claude/settings.local.json`);
  return grants.some(
    ({ kind, file }) =>
      (kind === "permission" || kind === "directory") && asked.includes(keyOf(file, platform)),
  );
};

const codeOfKey = (key: string, { real, root, wanted }: Keys): TrustCode => {
  if (key === real) return "own-key";
  if (key === root) return "git-root-key";
  return key === wanted ? "main-root-key" : "covered-by-parent";
};

/** True if `nearest` is above the repository, where newer versions do not look. */
const liesBeyondRoot = ({ nearest, root }: Keys): boolean =>
  nearest !== undefined && root !== null && nearest.length < root.length;

const trustedBy = (facts: TrustFacts, keys: Keys): Verdict | null => {
  const { wanted, nearest, real, home } = keys;
  if (isAccepted(facts.projects, wanted))
    return { state: "trusted", code: codeOfKey(wanted, keys), key: wanted };
  if (nearest === undefined || (liesBeyondRoot(keys) && since(parentsStopAtGitRoot, facts))) return null;
  if (since(permissionsNeedOwnKey, facts) && real !== home && preApprovesPermissions(facts, keys))
    return { state: "untrusted", code: "permissions-need-own-key", key: wanted, nearest };
  return { state: "trusted", code: codeOfKey(nearest, keys), key: nearest };
};

const untrustedBecause = (facts: TrustFacts, keys: Keys): Verdict => {
  const { projects, platform } = facts;
  const { wanted, nearest, given, real, home } = keys;
  const verdict = (code: TrustCode, misleading?: string): Verdict => ({
    state: "untrusted",
    code,
    key: wanted,
    ...(misleading === undefined ? {} : { nearest: misleading }),
  });
  if (real === home && wanted === home) return { ...verdict("home-not-persisted"), key: null };
  if (nearest !== undefined) return verdict("parent-stops-at-git-root", nearest);
  if (given !== real && isAccepted(projects, given)) return verdict("only-symlink-key", given);
  const otherSpelling = platform === "win32" ? acceptedSpelling(projects, wanted) : undefined;
  return otherSpelling === undefined ? verdict("no-key") : verdict("key-spelled-otherwise", otherSpelling);
};

/**
 * On Windows: an accepted key that names the same folder, but in another spelling than Claude Code looks for.
 */
const acceptedSpelling = (projects: TrustFacts["projects"], wanted: string): string | undefined => {
  const folded = wanted.toLowerCase();
  return Object.keys(projects).find(
    (key) => keyOf(key, "win32").toLowerCase() === folded && isAccepted(projects, key),
  );
};

const verdictOf = (facts: TrustFacts): Verdict => {
  const keys = keysOf(facts);
  if (facts.ignorePersistedTrust)
    return { state: "unknown", code: "persisted-trust-ignored", key: keys.wanted };
  if (facts.paths.doubt?.code === "pointer-unreadable")
    return {
      state: "unknown",
      code: "pointer-unreadable",
      key: null,
      detail: explainDoubt(facts.paths.doubt),
    };
  return trustedBy(facts, keys) ?? untrustedBecause(facts, keys);
};

/**
 * Claude Code accepts pointers that are not verified, so trust by their key is real trust. The warning informs
 * a person.
 */
const warningOf = ({ state, key }: Verdict, { paths, cliVersion, platform }: TrustFacts): string => {
  const isByPointers = state !== "unknown" && key === trustKey(paths, cliVersion, platform);
  const doubt = isByPointers ? doubtOf(paths, key, { cliVersion, platform }) : null;
  return doubt === null
    ? ""
    : ` Nothing shows that it is the folder's own repository: ${explainDoubt(doubt)}`;
};

/**
 * Decides, as Claude Code does, whether it has to ask for trust. It uses only these facts, which were read
 * before.
 */
export const judgeTrust = (facts: TrustFacts): TrustProbe => {
  const verdict = verdictOf(facts);
  const { state, code, key } = verdict;
  return { state, code, key, file: facts.file, why: explain(code, verdict) + warningOf(verdict, facts) };
};
