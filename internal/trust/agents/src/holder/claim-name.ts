import { randomInt, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { acquireFileLock, prepareDataFolder } from "@gatehouse/fs-kit";
import { processRecords, recordOf } from "@gatehouse/processes/records";
import type { Result } from "@gatehouse/std";
import {
  forget,
  nameOf,
  recordFields,
  type Claimant,
  type HeldClaim,
  heldPlaces,
  listHeld,
} from "@gatehouse/held-client/records";

export type { HeldClaim } from "@gatehouse/held-client/records";

/** Why a name cannot be claimed for an agent. */
export type ClaimError =
  | { readonly code: "already-held"; readonly name: string; readonly state: string }
  | { readonly code: "data-folder"; readonly message: string };

const mostTokens = 2 ** 47;

/** How long an ended agent is listed, ms, unless another agent claims its name. */
const shownMs = 24 * 3_600_000;
const lockMs = 30_000;

/**
 * Records a holder under its agent's name. Only one agent at a time holds a name: of two concurrent claims,
 * one is refused. Also removes the files of an ended agent with this name, and of agents that ended more than
 * a day ago.
 */
export const claimName = async (who: Claimant, holder: number): Promise<Result<HeldClaim, ClaimError>> => {
  const { dataDir } = who;
  const claim: HeldClaim = {
    id: randomUUID(),
    token: randomInt(1, mostTokens),
    since: new Date().toISOString(),
  };
  const record = recordOf(holder, recordFields(claim, who));
  if (record === null) return unusable("its holder has ended");
  const prepared = await prepareDataFolder(dataDir);
  if (!prepared.ok) return unusable(prepared.error.detail);
  const places = heldPlaces(dataDir);
  for (const folder of [
    places.folder,
    places.states,
    dirname(places.socketOf("")),
    dirname(places.logOf("")),
  ])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await acquireFileLock({ path: places.startLock, timeoutMs: lockMs });
  // Without the lock (no native library), two simultaneous starts may both pass.
  if (!lock.ok && lock.error.code !== "lock-unavailable")
    return unusable(`its start lock: ${lock.error.code}`);
  try {
    const listed = await listHeld(dataDir);
    if (!listed.ok) return unusable(listed.error.message);
    const name = nameOf(who);
    const same = listed.value.agents.find((agent) => nameOf(agent) === name && agent.state !== "ended");
    if (same !== undefined) return { ok: false, error: { code: "already-held", name, state: same.state } };
    for (const agent of listed.value.agents) {
      const isOld = Date.now() - Date.parse(agent.since) > shownMs;
      if (agent.state === "ended" && (isOld || nameOf(agent) === name)) await forget(places, agent.id);
    }
    const added = await processRecords(places.holders).add(record);
    return added.ok ? { ok: true, value: claim } : unusable(added.error.message);
  } finally {
    if (lock.ok) await lock.value.release();
  }
};

const unusable = (message: string): Result<never, ClaimError> => ({
  ok: false,
  error: { code: "data-folder", message },
});
