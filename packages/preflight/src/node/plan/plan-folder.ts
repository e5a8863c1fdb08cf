import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import {
  codes,
  explain,
  agentClis,
  type Grant,
  type PlannedFolder,
  type Verdict,
  type Code,
  type FolderStatus,
} from "../../index.ts";
import { keyVerdict } from "../../trust-keys.ts";
import { tooOldVerdict } from "../../providers/version-verdicts.ts";
import type { Locate, PlanContext, PlanFolder } from "./strategy.ts";
import { variableVerdict } from "./state-variables.ts";
import { systemCode } from "@gatehouse/std";

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

type Planned = Pick<PlannedFolder, "trustKey" | "grants" | "verdict">;

/** Locates a folder, plans it if it exists, and measures the time. */
export const planLocated = async (
  workspace: string,
  { provider, env }: PlanContext,
  locate: Locate,
  plan: (paths: WorkspacePaths) => Planned | Promise<Planned>,
): Promise<PlannedFolder> => {
  const startedAt = performance.now();
  const located = await locate(workspace);
  const verdict = variableVerdict(provider, env);
  const planned: Omit<PlannedFolder, "workspace" | "provider" | "durationMs"> = located.ok
    ? verdict !== null
      ? { paths: located.value, trustKey: null, grants: null, verdict }
      : { paths: located.value, ...(await plan(located.value)) }
    : {
        paths: null,
        trustKey: null,
        grants: null,
        verdict: { code: "not-a-folder", detail: located.error.detail },
      };
  return { workspace, provider, ...planned, durationMs: performance.now() - startedAt };
};

/** Settles a folder that is passed at launch, or leaves it pending. Reads only. */
export const planLaunchFolder = (
  workspace: string,
  context: PlanContext,
  locate: Locate,
  readFacts: ReadFacts,
): Promise<PlannedFolder> =>
  planLocated(workspace, context, locate, async (paths) => {
    const facts = readFacts(paths);
    const { trustKey, grants, launch, file } = facts;
    const verdict = judge(paths, facts, context);
    const isAsked = verdict === null && launch === null && file !== null;
    return { trustKey, grants, verdict: isAsked ? await writableVerdict(file) : verdict };
  });

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

/** The CLI writes a new file beside the old one, so the folder must be writable. The CLI makes a missing folder. */
export const writableVerdict = async (file: string): Promise<Verdict | null> => {
  const detail = await whyNotWritable(dirname(file));
  if (detail === null) return null;
  return { code: "trust-not-persisted", reason: { type: "state-not-writable", detail }, file };
};

const whyNotWritable = async (folder: string): Promise<string | null> => {
  try {
    await access(folder, constants.W_OK);
    const { blocks, bfree } = await statfs(folder);
    return blocks > 0 && bfree === 0 ? "ENOSPC" : null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? null : code;
  }
};

/** The folder's status from its plan, for providers whose plan leaves nothing open. */
export const statusFromPlan = async (
  planFolder: PlanFolder,
  workspace: string,
  context: PlanContext,
  file: string | null,
): Promise<FolderStatus> => {
  const { provider } = context;
  const { verdict, trustKey: key, grants } = await planFolder(workspace);
  if (verdict === null) throw new TypeError(`the plan of ${provider} leaves ${workspace} open`);
  const why = explain(verdict, { workspace, cli: agentClis[provider] }).message;
  return { workspace, provider, state: stateOf(verdict.code), code: verdict.code, key, file, why, grants };
};

const stateOf = (code: Code): FolderStatus["state"] => {
  const { status } = codes[code];
  if (status === "unknown" || ["state-unreadable", "not-a-folder", "key-outside-folder"].includes(code))
    return "unknown";
  return status === "already-trusted" ? "trusted" : "untrusted";
};
