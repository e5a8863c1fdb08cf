import type { PatchOf, TrustSurface } from "@trust/codex-overrides";
import type { PreflightRequest } from "../index.ts";
import { homeOf } from "@gatehouse/fs-kit";
import { planFull } from "./plan-full.ts";

/** Settings that tell a runtime, and through it Codex, which folders are trusted. */
export type SettingsPatch = PatchOf<"claude-codex-runtime-settings">;

/**
 * The early half of a plan: the settings for a team runtime's first Codex calls, before the team's worktrees
 * are known. One patch per surface, none if there is nothing to pass. Reads only and records nothing:
 * `execute` does that.
 */
export const planArgsOnly = async (
  request: PreflightRequest,
  surfaces: readonly TrustSurface[],
): Promise<readonly SettingsPatch[]> => {
  const [plan, { buildOverrides, settingsPatch }, { folderContext }] = await Promise.all([
    planFull({ ...request, providers: ["codex"] }),
    import("@trust/codex-overrides"),
    import("@trust/codex-overrides/node"),
  ]);
  const passed = plan.folders.filter(({ verdict }) => verdict?.code === "passed-at-launch");
  const keys = new Set(passed.map(({ trustKey }) => trustKey).filter((key) => key !== null));
  const { overrides } = buildOverrides([...keys], await folderContext(homeOf(request.env)));
  if (overrides.length === 0) return [];
  const sourceWorkspaceIds = passed.map(({ workspace }) => workspace);
  return surfaces.map((targetSurface) => settingsPatch({ targetSurface, overrides, sourceWorkspaceIds }));
};
