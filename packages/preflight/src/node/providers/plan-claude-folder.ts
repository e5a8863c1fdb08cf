import { trustKey, type TrustProbe, type WorkspacePaths } from "@trust/claude-state-probe";
import { stateFile, thisPlatform, trustSnapshot, type TrustSnapshot } from "@trust/claude-state-probe/node";
import type { Grant, PlannedFolder, Verdict } from "../../index.ts";
import { keyVerdict } from "../../trust-keys.ts";
import { tooOldVerdict } from "../../providers/version-verdicts.ts";
import type { Locate, PlanContext, PlanFolder } from "../plan/strategy.ts";
import { writableVerdict } from "../plan/writable-verdict.ts";

/**
 * Judges the folders of one plan by their state on disk: refused, impossible, already trusted, or pending. Data that
 * folders share is read once.
 */
export const claudePlanner = (context: PlanContext, locate: Locate): PlanFolder => {
  const { env, home, cli } = context;
  const snapshot = trustSnapshot({ env, home, cliVersion: cli?.version ?? undefined });
  return (workspace) => planFolder(workspace, context, { locate, snapshot });
};

/** Data that the folders of one plan share. */
type Shared = { readonly locate: Locate; readonly snapshot: TrustSnapshot };

const planFolder = async (
  workspace: string,
  context: PlanContext,
  { locate, snapshot }: Shared,
): Promise<PlannedFolder> => {
  const startedAt = performance.now();
  const { provider, cli } = context;
  const located = await locate(workspace);
  if (!located.ok) {
    const verdict: Verdict = { code: "not-a-folder", detail: located.error.detail };
    const durationMs = performance.now() - startedAt;
    return { workspace, provider, paths: null, trustKey: null, grants: null, verdict, durationMs };
  }
  const paths = located.value;
  const cliVersion = cli?.version ?? undefined;
  const [grants, probe] = await Promise.all([snapshot.grants(paths), snapshot.probe(paths)]);
  const key =
    probe.state === "trusted" && probe.key !== null ? probe.key : trustKey(paths, cliVersion, thisPlatform);
  const verdict = await judge({ paths, key, grants, probe }, context);
  return {
    workspace,
    provider,
    paths,
    trustKey: key,
    grants,
    verdict,
    durationMs: performance.now() - startedAt,
  };
};

type Facts = {
  readonly paths: WorkspacePaths;
  readonly key: string;
  readonly grants: readonly Grant[];
  readonly probe: TrustProbe;
};

/** The first reason that settles the folder; null if the CLI must be asked. */
const judge = async ({ paths, key, grants, probe }: Facts, context: PlanContext): Promise<Verdict | null> => {
  const { request, env, home } = context;
  return (
    (probe.code === "pointer-unreadable" ? keyVerdict(key, paths, { platform: thisPlatform }) : null) ??
    (probe.state === "unknown" ? { code: "state-unreadable", file: probe.file, why: probe.why } : null) ??
    (request.refuseGrants && grants.length > 0 ? { code: "grants-refused", grants } : null) ??
    (probe.state === "trusted" ? trusted(probe) : null) ??
    keyVerdict(key, paths, { platform: thisPlatform, cliVersion: context.cli?.version ?? undefined }) ??
    cliVerdict(context) ??
    (await writableVerdict(stateFile(env, home)))
  );
};

const cliVerdict = ({ cli, looked, provider }: PlanContext): Verdict | null =>
  cli === null ? { code: "cli-not-found", looked } : tooOldVerdict(provider, cli.version);

const trusted = ({ code, why }: TrustProbe): Verdict => ({
  code: code === "covered-by-parent" ? code : "already-trusted",
  why,
});
