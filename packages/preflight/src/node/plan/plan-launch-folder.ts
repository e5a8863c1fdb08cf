import type { WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import type { Grant, PlannedFolder, Verdict } from "../../index.ts";
import { keyVerdict } from "../../trust-keys.ts";
import { tooOldVerdict } from "../../providers/version-verdicts.ts";
import type { Locate, PlanContext } from "./strategy.ts";
import { writableVerdict } from "./writable-verdict.ts";

/** The facts on disk about a folder of a provider other than Claude Code. */
export type LaunchFacts = {
  /** The key in the user's own state that decides, or else the folder itself. */
  readonly trustKey: string;
  readonly grants: readonly Grant[];
  /** The verdict from the user's own state; null if the state does not mention the folder. */
  readonly settled: Verdict | null;
  /**
   * Makes the verdict if nothing else applies. A function, because a launch takes time to build. Null if the CLI must be
   * asked; it then writes `file`.
   */
  readonly launch: (() => Verdict) | null;
  readonly file: string | null;
};

type ReadFacts = (paths: WorkspacePaths) => LaunchFacts;

/** Settles a folder that is passed at launch, or leaves it pending. Reads only. */
export const planLaunchFolder = async (
  workspace: string,
  context: PlanContext,
  locate: Locate,
  readFacts: ReadFacts,
): Promise<PlannedFolder> => {
  const startedAt = performance.now();
  const { provider } = context;
  const located = await locate(workspace);
  const facts = located.ok
    ? await factsOf(located.value, context, readFacts)
    : noFolder(located.error.detail);
  return { workspace, provider, ...facts, durationMs: performance.now() - startedAt };
};

type Planned = Pick<PlannedFolder, "paths" | "trustKey" | "grants" | "verdict">;

const noFolder = (detail: string): Planned => ({
  paths: null,
  trustKey: null,
  grants: null,
  verdict: { code: "not-a-folder", detail },
});

const factsOf = async (
  paths: WorkspacePaths,
  context: PlanContext,
  readFacts: ReadFacts,
): Promise<Planned> => {
  const facts = readFacts(paths);
  const { trustKey, grants, launch, file } = facts;
  const verdict = judge(paths, facts, context);
  const isAsked = verdict === null && launch === null && file !== null;
  return { paths, trustKey, grants, verdict: isAsked ? await writableVerdict(file) : verdict };
};

/** The first reason decides. With `refuseGrants`, a folder's own grants count more than its existing trust. */
const judge = (
  paths: WorkspacePaths,
  { trustKey, grants, settled, launch }: LaunchFacts,
  context: PlanContext,
): Verdict | null =>
  (settled?.code === "already-trusted" ? null : settled) ??
  (context.request.refuseGrants && grants.length > 0 ? { code: "grants-refused", grants } : null) ??
  settled ??
  keyVerdict(trustKey, paths, { platform: thisPlatform }) ??
  cliVerdict(context, launch === null) ??
  (launch === null ? null : launch());

/** If nothing is started, a missing CLI is an error only if the caller named it. */
const cliVerdict = ({ cli, looked, request, provider }: PlanContext, isAsked: boolean): Verdict | null => {
  if (cli === null)
    return !isAsked && request.cli?.[provider] === undefined ? null : { code: "cli-not-found", looked };
  return tooOldVerdict(provider, cli.version);
};
