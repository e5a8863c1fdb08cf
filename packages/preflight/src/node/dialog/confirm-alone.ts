import type { Attempt } from "../../result-of.ts";
import type { Batch } from "./batch.ts";
import { confirmFolder, notStarted } from "./confirm-folder.ts";
import type { PendingGroup } from "../plan/strategy.ts";
import { takeTurn, type Turn, type Turns } from "../turns/turns.ts";

/**
 * Confirms folders with a CLI that must run alone: takes the turn before the CLI reads its state, not only
 * before the key, and ends it when the CLI has exited.
 */
export const confirmAlone = async (group: PendingGroup, batch: Batch): Promise<Attempt> => {
  const [{ workspace, provider, paths, trustKey }] = group;
  const askedAt = performance.now();
  const taken = await takeTurn(batch, batch.signal, (text) =>
    batch.onProgress({ workspace, provider, step: "waiting", text }),
  );
  const takenAt = performance.now();
  const waited = (attempt: Attempt): Attempt => withWait(attempt, takenAt - askedAt);
  if (!taken.ok) return waited(notStarted(taken.error, takenAt));
  try {
    if (await batch.isTrusted(paths))
      return waited(notStarted({ code: "already-trusted-after-wait", key: trustKey }, takenAt));
    return waited(await confirmFolder(group, { ...batch, turns: turnsWithin(taken.value) }));
  } finally {
    await taken.value.end();
  }
};

/** Turns inside a turn that is already held: taking one succeeds at once, and ending it does nothing. */
const turnsWithin = ({ unshared }: Turn): Turns => ({
  prepare: () => {},
  take: async () => ({ ok: true, value: { unshared, end: async () => {} } }),
});

const withWait = (attempt: Attempt, waitMs: number): Attempt => ({
  ...attempt,
  durationMs: attempt.durationMs + waitMs,
  timings: { ...attempt.timings, lockWaitMs: attempt.timings.lockWaitMs + waitMs },
});
