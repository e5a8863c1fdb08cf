import { writeFileSync } from "node:fs";
import process from "node:process";
import { claimName, type ClaimError } from "@gatehouse/held-agents/claim";
import { homeOf } from "@gatehouse/fs-kit";
import type { Result } from "@gatehouse/std";
import type { Launch } from "../launch.ts";
import { planDescriptor, type HoldPlace, type PlannedHold } from "./planned-hold.ts";
import { lockedFile, refusedBy, type Attention } from "../run-launch.ts";

export type HandOver = Attention & { readonly holder: number; readonly isJson: boolean };

/**
 * Hands a planned launch to its holder, under a name that is claimed for that, unless it may not be started. Returns
 * the exit code.
 */
export const handOver = async (
  launch: Launch,
  place: HoldPlace,
  { holder, isJson, ...attention }: HandOver,
): Promise<Result<number, ClaimError>> => {
  const refused = refusedBy(launch, attention);
  if (refused !== null) return { ok: true, value: refused };
  // Its holder was killed.
  if (process.ppid !== holder) return { ok: true, value: 1 };
  const { provider, folder, argv, cwd, env } = launch;
  const claimed = await claimName({ ...place, provider, folder }, holder);
  if (!claimed.ok) return claimed;
  const started = { provider, folder, argv, cwd, env, home: homeOf(env), lockedFile: lockedFile(launch) };
  const plan: PlannedHold = { ...place, ...started, claim: claimed.value, isJson };
  // Neither on argv nor in the environment, where others may read it.
  writeFileSync(planDescriptor, `${JSON.stringify(plan)}\n`);
  return { ok: true, value: 0 };
};
