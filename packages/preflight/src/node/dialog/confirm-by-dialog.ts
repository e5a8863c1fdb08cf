import type { Result, Verdict } from "../../index.ts";
import type { PromptedCli } from "./prompted-cli.ts";
import { withBatch, type Batch } from "./batch.ts";
import { confirmFolder, notStarted } from "./confirm-folder.ts";
import { recheckKeys } from "../read-keys.ts";
import type { ConfirmContext, Confirmer, PendingGroup } from "../plan/strategy.ts";
import type { Attempt } from "../../result-of.ts";
import type { Turn } from "../turns/turns.ts";

/** Lends a confirmer that answers the dialog of this CLI. */
export const confirmWith = <T>(
  context: ConfirmContext,
  prompted: PromptedCli,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> =>
  withBatch(context, prompted, (batch) => {
    const confirm = batch.runsAlone ? confirmAlone : confirmFolder;
    return use({
      confirm: (group) => confirm(group, batch),
      file: batch.file,
      recheckKeys: () => recheckKeys(batch),
    });
  });

/**
 * Confirms folders with a CLI that must run alone: takes the turn before the CLI reads its state, not only
 * before the key, and ends it when the CLI has exited.
 */
const confirmAlone = async (group: PendingGroup, batch: Batch): Promise<Attempt> => {
  const [{ workspace, provider, paths, trustKey }] = group;
  const askedAt = performance.now();
  const taken = await batch.takeTurn(batch.signal, (text) =>
    batch.onProgress({ workspace, provider, step: "waiting", text }),
  );
  const takenAt = performance.now();
  const waited = (attempt: Attempt): Attempt => withWait(attempt, takenAt - askedAt);
  if (!taken.ok) return waited(notStarted(taken.error, takenAt));
  try {
    if (await batch.isTrusted(paths))
      return waited(notStarted({ code: "already-trusted-after-wait", key: trustKey }, takenAt));
    return waited(await confirmFolder(group, { ...batch, takeTurn: async () => within(taken.value) }));
  } finally {
    await taken.value.end();
  }
};

/** A turn inside a turn that is already held: ending it does nothing. */
const within = ({ unshared }: Turn): Result<Turn, Verdict> => ({
  ok: true,
  value: { unshared, end: async () => {} },
});

const withWait = (attempt: Attempt, waitMs: number): Attempt => ({
  ...attempt,
  durationMs: attempt.durationMs + waitMs,
  timings: { ...attempt.timings, lockWaitMs: attempt.timings.lockWaitMs + waitMs },
});
