import { writeFileSync } from "node:fs";
import process from "node:process";
import { claimName, type ClaimError } from "@gatehouse/agents/claim";
import { homeOf } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import type { Launch } from "../launch.ts";
import { planDescriptor, type HoldPlace, type PlannedHold } from "./planned-hold.ts";
import { lockedFile, refusedBy, type RunOptions } from "../run-launch.ts";

export type HandOver = RunOptions & { readonly holder: number; readonly isJson: boolean };

/**
 * Claims the agent's name for the holder and hands the planned launch over to it, unless the launch is
 * refused. Returns the exit code.
 */
export const handOver = async (
  launch: Launch,
  place: HoldPlace,
  { holder, isJson, ...runOptions }: HandOver,
): Promise<Result<number, ClaimError>> => {
  const refused = refusedBy(launch, runOptions);
  if (refused !== null) return { ok: true, value: refused };
  // The holder was killed.
  if (process.ppid !== holder) return { ok: true, value: 1 };
  const { provider, folder, argv, cwd, env } = launch;
  const claimed = await claimName({ ...place, provider, folder }, holder);
  if (!claimed.ok) return claimed;
  const started = { provider, folder, argv, cwd, env, home: homeOf(env), lockedFile: lockedFile(launch) };
  const plan: PlannedHold = { ...place, ...started, claim: claimed.value, isJson };
  // Not on argv or in the environment, since other accounts may read these.
  writeFileSync(planDescriptor, `${JSON.stringify(plan)}\n`);
  return { ok: true, value: 0 };
};
