import { screenText, type PreflightReport, type PreflightResult } from "@trust/preflight";
import type { LaunchFlags } from "../flags.ts";
import { outcomes, worstFirst } from "../outcome.ts";
import { trustPolicy } from "../trust-policy.ts";
import type { Workspace, WorkspaceSource } from "../workspaces/workspace.ts";

/** How much of a preflight an artifact keeps. */
export const artifactLimits = {
  strategyResults: 20,
  workspaces: 20,
  evidence: 5,
  /** Characters of one text. */
  evidenceLength: 600,
} as const;

/** The result of one provider's folder, or of all its folders that are passed at launch. */
export type StrategyResult = {
  readonly provider: PreflightResult["provider"];
  /** The first of `workspaces`. */
  readonly workspace: string;
  readonly workspaces: readonly string[];
  /** The same folders with their real path, their key and their members. */
  readonly folders: readonly ArtifactFolder[];
  readonly status: PreflightResult["code"];
  /** Rule ids, in order. */
  readonly matchedDialogs: readonly string[];
  readonly actions: readonly string[];
  readonly elapsedMs: number;
  readonly lockWaitMs: number;
  readonly evidence: readonly string[];
  readonly rawTailIncluded: boolean;
  /** The last rows of the screen, at most 8 KiB. */
  readonly rawTail?: string;
};

/** A folder of a result. Paths are redacted; the lists are bounded by `artifactLimits.workspaces`. */
export type ArtifactFolder = {
  /** The path with links followed; null for a folder that the launch does not name. */
  readonly real: string | null;
  /** The folder whose entry holds the trust; null if it could not be determined. */
  readonly trustKey: string | null;
  readonly members: readonly { readonly name: string; readonly source: WorkspaceSource }[];
};

/** `flags.workspaceTrustPreflight` of a launch's artifact: bounded and redacted. */
export type WorkspaceTrustPreflight = {
  readonly attempt: number;
  readonly featureFlags: LaunchFlags;
  readonly strategyResults: readonly StrategyResult[];
  /** How much the limits left out. */
  readonly omittedCounts: {
    readonly strategyResults: number;
    readonly workspaces: number;
    readonly evidence: number;
    /** Texts that were shortened. */
    readonly cut: number;
  };
};

type Kept = {
  readonly attempt: number;
  /** The workspaces of the launch. Default: none. */
  readonly workspaces?: readonly Workspace[];
  readonly flags: LaunchFlags;
  readonly redact: (text: string) => string;
};

/** The preflight of a launch for its artifact. The worst comes first, so the limits keep it. */
export const workspaceTrustPreflight = (
  report: PreflightReport | null,
  { attempt, flags, redact, workspaces: ofLaunch = [] }: Kept,
): WorkspaceTrustPreflight => {
  const folderOf = artifactFolder(ofLaunch, redact);
  const groups = groupsOf(report?.results ?? []);
  const kept = groups.slice(0, artifactLimits.strategyResults);
  let [workspaces, evidence, cut] = [0, 0, 0];
  const strategyResults = kept.map((group) => {
    const all = evidenceOf(group);
    workspaces += Math.max(0, group.length - artifactLimits.workspaces);
    evidence += Math.max(0, all.length - artifactLimits.evidence);
    const texts = all.slice(0, artifactLimits.evidence).map(redact);
    cut += texts.filter((text) => text.length > artifactLimits.evidenceLength).length;
    return strategyResult(group, texts, { flags, redact, folderOf });
  });
  const omitted = groups.length - kept.length;
  return {
    attempt,
    featureFlags: flags,
    strategyResults,
    omittedCounts: { strategyResults: omitted, workspaces, evidence, cut },
  };
};

type Group = readonly [PreflightResult, ...PreflightResult[]];

/** Folders of one provider that are passed at launch share one result; every other folder has its own. */
const groupsOf = (results: readonly PreflightResult[]): readonly Group[] => {
  const groups = new Map<string, [PreflightResult, ...PreflightResult[]]>();
  results.forEach((result, at) => {
    const key = result.code === "passed-at-launch" ? result.provider : `${at}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  });
  const coded = [...groups.values()].map((group) => ({ code: group[0].code, group }));
  return worstFirst(coded).map(({ group }) => group);
};

const evidenceOf = (group: Group): readonly string[] =>
  group.flatMap(({ code, message, fix, diagnostics = [] }) => [
    ...(outcomes[code] === "ok" ? [] : [message, ...(fix === undefined ? [] : [`fix: ${fix}`])]),
    ...diagnostics.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`),
  ]);

const artifactFolder =
  (workspaces: readonly Workspace[], redact: (text: string) => string) =>
  ({ workspace, provider, trustKey }: PreflightResult): ArtifactFolder => {
    const own = workspaces.find(({ display }) => display === workspace);
    const uses = (own?.uses ?? []).filter((use) => use.provider === provider);
    return {
      real: own === undefined ? null : redact(own.real),
      trustKey: trustKey === null ? null : redact(trustKey),
      members: uses
        .slice(0, artifactLimits.workspaces)
        .map(({ memberId, source }) => ({ name: memberId, source })),
    };
  };

const strategyResult = (
  group: Group,
  texts: readonly string[],
  {
    flags,
    redact,
    folderOf,
  }: Pick<Kept, "flags" | "redact"> & { readonly folderOf: (result: PreflightResult) => ArtifactFolder },
): StrategyResult => {
  const [first] = group;
  const { provider, code, dialogs = [], keys = 0, via, screen } = first;
  const isTailKept = trustPolicy(flags).keepsScreen && outcomes[code] !== "ok" && screen !== undefined;
  return {
    provider,
    workspace: redact(first.workspace),
    workspaces: group.slice(0, artifactLimits.workspaces).map(({ workspace }) => redact(workspace)),
    folders: group.slice(0, artifactLimits.workspaces).map(folderOf),
    status: code,
    matchedDialogs: dialogs,
    actions: [...(via === "none" ? [] : [`asked by ${via}`]), ...(keys === 0 ? [] : [`keys: ${keys}`])],
    elapsedMs: first.durationMs,
    lockWaitMs: first.timings.lockWaitMs,
    evidence: texts.map((text) => text.slice(0, artifactLimits.evidenceLength)),
    rawTailIncluded: isTailKept,
    ...(isTailKept ? { rawTail: screenText(screen.split("\n"), redact) } : {}),
  };
};
