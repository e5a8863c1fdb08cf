import type { PatchOf, TrustSurface } from "@trust/codex-overrides";
import { agentClis, codes, explain, type Code, type PlannedFolder, type PreflightRequest } from "../index.ts";
import { homeOf } from "@gatehouse/fs-kit";
import { pairsOf, planFolders } from "./plan-full.ts";

/** Settings that tell a runtime, and through it Codex, which folders are trusted. */
export type SettingsPatch = PatchOf<"claude-codex-runtime-settings">;

/** The early half of a plan. */
export type ArgsPlan = {
  /** One patch per surface; none if there is nothing to pass. */
  readonly patches: readonly SettingsPatch[];
  /** Why a folder is in no patch; none for a folder that Codex trusts already, or does not ask in. */
  readonly diagnostics: readonly ArgsDiagnostic[];
};

export type ArgsDiagnostic = {
  readonly workspace: string;
  readonly code: Code;
  /** What is wrong with which folder; for a person. */
  readonly message: string;
};

/**
 * The settings for a team runtime's first Codex calls, before the team's worktrees are known: from the
 * request's Codex pairs alone, and empty if there are none. Reads only and records nothing: `execute` does
 * that.
 */
export const planArgsOnly = async (
  request: PreflightRequest,
  surfaces: readonly TrustSurface[],
): Promise<ArgsPlan> => {
  const pairs = pairsOf(request).filter(({ provider }) => provider === "codex");
  if (pairs.length === 0) return { patches: [], diagnostics: [] };
  const [plan, { buildOverrides, settingsPatch }, { folderContext }] = await Promise.all([
    planFolders({ ...request, folders: [], pairs, persist: false }),
    import("@trust/codex-overrides"),
    import("@trust/codex-overrides/node"),
  ]);
  const diagnostics = plan.folders.flatMap(diagnosticOf);
  const passed = plan.folders.filter(({ verdict }) => verdict?.code === "passed-at-launch");
  const keys = new Set(passed.map(({ trustKey }) => trustKey).filter((key) => key !== null));
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
