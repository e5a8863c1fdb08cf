import type { PatchOf, TrustSurface } from "@trust/codex-overrides";
import {
  agentClis,
  codes,
  explain,
  type Code,
  type PlannedFolder,
  type PreflightPlan,
  type PreflightRequest,
} from "../index.ts";
import { homeOf } from "@gatehouse/fs-kit";
import { pairsOf, planFolders } from "./plan-full.ts";

/** Settings that tell a runtime, and through it Codex, which folders are trusted. */
export type SettingsPatch = PatchOf<"claude-codex-runtime-settings">;

/** The arguments of a plan, before the rest of it is known. */
export type ArgsPlan = {
  /** One patch per surface; none if there is nothing to pass. */
  readonly patches: readonly SettingsPatch[];
  /** Why a folder is in no patch. Folders that Codex already trusts, or about which it does not ask, are left out. */
  readonly diagnostics: readonly ArgsDiagnostic[];
};

export type ArgsDiagnostic = {
  readonly workspace: string;
  readonly code: Code;
  /** The folder and its problem, as a sentence for a person. */
  readonly message: string;
};

/**
 * The settings for a team runtime's first Codex calls, before the team's worktrees are known. Uses only the request's
 * Codex pairs; empty without any. Reads only and records nothing: `execute` does that.
 */
export const planArgsOnly = async (
  request: PreflightRequest,
  surfaces: readonly TrustSurface[],
): Promise<ArgsPlan> => {
  const pairs = pairsOf(request).filter(({ provider }) => provider === "codex");
  if (pairs.length === 0) return { patches: [], diagnostics: [] };
  return argsOfPlan(await planFolders({ ...request, folders: [], pairs, persist: false }), surfaces);
};

/** The settings of an existing plan, for its Codex folders that are passed at launch. Plans nothing again. */
export const argsOfPlan = async (
  { request, folders }: Pick<PreflightPlan, "request" | "folders">,
  surfaces: readonly TrustSurface[],
): Promise<ArgsPlan> => {
  const ofCodex = folders.filter(({ provider }) => provider === "codex");
  const diagnostics = ofCodex.flatMap(diagnosticOf);
  const passed = ofCodex.filter(({ verdict }) => verdict?.code === "passed-at-launch");
  const keys = new Set(passed.map(({ trustKey }) => trustKey).filter((key) => key !== null));
  if (keys.size === 0) return { patches: [], diagnostics };
  const [{ buildOverrides, settingsPatch }, { folderContext }] = await Promise.all([
    import("@trust/codex-overrides"),
    import("@trust/codex-overrides/node"),
  ]);
  const { overrides } = buildOverrides([...keys], await folderContext(homeOf(request.env)));
  if (overrides.length === 0) return { patches: [], diagnostics };
  const sourceWorkspaceIds = passed.map(({ workspace }) => workspace);
  const patches = surfaces.map((targetSurface) =>
    settingsPatch({ targetSurface, overrides, sourceWorkspaceIds }),
  );
  return { patches, diagnostics };
};

const diagnosticOf = ({ workspace, verdict }: PlannedFolder): readonly ArgsDiagnostic[] => {
  if (verdict === null || codes[verdict.code].exit === 0) return [];
  const { message } = explain(verdict, { workspace, cli: agentClis.codex });
  return [{ workspace, code: verdict.code, message }];
};
