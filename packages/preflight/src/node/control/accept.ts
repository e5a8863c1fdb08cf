import { setTimeout as pause } from "node:timers/promises";
import { waitForLockGone } from "@trust/claude-state-probe/node";
import { notProven } from "../../diagnostic-messages.ts";
import type { Diagnostic, PendingFolder, Verdict } from "../../index.ts";
import type { Batch } from "../dialog/batch.ts";
import type { FinalCheck } from "../same-folder/check-program.ts";
import type { Conversation } from "./conversation.ts";

/** Time from the CLI's ok until its state is on disk, ms. In 20 of 20 runs it was on disk at once. */
const proofMs = 1_000;
/** How long the CLI may keep its own lock after its write, ms. */
const lockMs = 5_000;

/** The requests to a CLI about one folder during the folder's turn. */
export type ControlSteps = {
  readonly finalCheck: FinalCheck;
  /** Has the CLI record the trust. Null if it confirms. */
  accept(): Promise<Refusal | null>;
};

export type Refusal = {
  readonly why: string;
  /** The verdict if the CLI answered that it recorded nothing; it can then still be asked about other folders. */
  readonly verdict: Verdict | null;
};

/** The outcome of accepting a folder. Times are values of `performance.now()`. */
export type Accepted = {
  readonly isProven: boolean;
  /** Why it was not accepted; null if it was. */
  readonly why: string | null;
  /** The verdict if the CLI refused. */
  readonly verdict: Verdict | null;
  /** The CLI said that it recorded the trust, but the trust is not on disk. */
  readonly isLost: boolean;
  readonly askedAt: number;
  readonly provenAt: number;
  readonly diagnostics: readonly Diagnostic[];
};

type Accepting = {
  readonly batch: Batch;
  readonly steps: ControlSteps;
  readonly conversation: Pick<Conversation<unknown>, "giveUp" | "close">;
  /** True if another attempt with a new process follows when this one's trust is not on disk. */
  readonly isAskedAgain: boolean;
};

/** Accepts the folder, and waits until its trust is on disk and the CLI's lock is gone. Ends a CLI that wrote nothing. */
export const accept = async (
  folder: PendingFolder,
  { batch, steps, conversation, isAskedAgain }: Accepting,
): Promise<Accepted> => {
  const { paths } = folder;
  const askedAt = performance.now();
  const refused = await steps.accept();
  if (refused !== null && refused.verdict !== null)
    return { ...refused, ...notWritten, askedAt, provenAt: performance.now(), diagnostics: [] };
  const why = refused?.why ?? ((await isProven(folder, batch)) ? null : notProven(batch.file));
  if (why !== null) {
    if (refused !== null || !isAskedAgain) conversation.giveUp(why);
    // The CLI may still write later. It must not do so while a new process is asked, or while the dialog is answered.
    const diagnostics = await conversation.close();
    const proven = await batch.isTrusted(paths);
    const isLost = refused === null && !proven;
    const provenAt = performance.now();
    return { isProven: proven, why, verdict: null, isLost, askedAt, provenAt, diagnostics };
  }
  const provenAt = performance.now();
  // A lock that stays is reported once, when the CLI has ended.
  await waitForLockGone(batch.file, { timeoutMs: lockMs });
  return { isProven: true, why, verdict: null, isLost: false, askedAt, provenAt, diagnostics: [] };
};

const notWritten = { isProven: false, isLost: false } as const;

const isProven = async ({ paths }: PendingFolder, batch: Batch): Promise<boolean> => {
  if (await batch.isTrusted(paths)) return true;
  const seen = new AbortController();
  const stop = batch.watchTrusted(paths, () => seen.abort());
  await pause(proofMs, null, { signal: seen.signal }).catch(() => null);
  stop();
  return batch.isTrusted(paths);
};
