import { setTimeout as pause } from "node:timers/promises";
import { waitForLockGone } from "@trust/claude-state-probe/node";
import { redactText } from "@trust/dialog-engine";
import { decideFolder } from "../../control/decide-folder.ts";
import { acceptFolder, askFolder } from "../../control/messages.ts";
import { leftLock, notAsked, notProven, stillBusy } from "../../explain/control.ts";
import type { Diagnostic, PendingFolder, Result } from "../../index.ts";
import type { Batch } from "../dialog/batch.ts";
import { keyStamp } from "../same-folder/key-stamp.ts";
import { movedVerdict, type LastLook } from "../same-folder/program-look.ts";
import type { Conversation } from "./conversation.ts";
import type { Asked, Door, Question } from "./door.ts";
import type { Transcript } from "./transcript.ts";

/** The pause after a busy answer, and the longest time to repeat it, ms. */
const busy = { pauseMs: 5, mostMs: 2_000 } as const;
/** Time from the CLI's ok until its state is on disk, ms. In 20 of 20 runs it was there at once. */
const proofMs = 1_000;
/** How long the CLI may keep its own lock after its write, ms. */
const lockMs = 5_000;

/** The question about one folder, asked while its turn is held. */
export type ControlLook = {
  readonly lastLook: LastLook;
  /** When the turn was taken; null before that. */
  turnAt(): number | null;
  /** The directory that the CLI named last. */
  directory(): string;
  /** The folder that the CLI named, if folder and key are the planned ones; else why not. */
  named(): Promise<Result<string, string>>;
  send(request: Question["request"]): Promise<Asked>;
};

type Asker = { readonly batch: Batch; readonly door: Door; readonly transcript: Transcript };

export const createLook = (folder: PendingFolder, { batch, door, transcript }: Asker): ControlLook => {
  const { real } = folder.paths;
  const stamp = keyStamp(folder.paths);
  let turnAt: number | null = null;
  let directory = real;

  const send: ControlLook["send"] = (request) =>
    door.ask({ request, timeoutMs: batch.limits.totalMs / 2, onMessage: transcript.message });

  const named: ControlLook["named"] = async () => {
    const until = performance.now() + busy.mostMs;
    for (;;) {
      const asked = await send((id) => askFolder(id, real));
      if (!asked.ok)
        return {
          ok: false,
          error: notAsked(asked.error, (text) => redactText(text, batch.secrets, batch.home)),
        };
      const decision = decideFolder(asked.value, { real, trustKey: folder.trustKey });
      transcript.decision(decision);
      if (decision.type === "accept") return { ok: true, value: (directory = decision.directory) };
      if (decision.type === "refuse") return { ok: false, error: decision.why };
      if (performance.now() > until) return { ok: false, error: stillBusy };
      await pause(busy.pauseMs);
    }
  };

  return {
    send,
    named,
    turnAt: () => turnAt,
    directory: () => directory,
    lastLook: async () => {
      turnAt = performance.now();
      const answer = await named();
      if (!answer.ok) return { verdict: { code: "control-unavailable", why: answer.error }, diagnostics: [] };
      return { verdict: movedVerdict(folder, stamp), diagnostics: [] };
    },
  };
};

/** The outcome of accepting a folder. Times are values of `performance.now()`. */
export type Accepted = {
  readonly isProven: boolean;
  /** Why it was not accepted; null if it was. */
  readonly why: string | null;
  readonly askedAt: number;
  readonly provenAt: number;
  readonly diagnostics: readonly Diagnostic[];
};

type Accepting = { readonly batch: Batch; readonly look: ControlLook; readonly conversation: Conversation };

/**
 * Accepts the folder, and waits until its trust is on disk and the CLI's lock is gone. Ends a CLI that wrote
 * nothing.
 */
export const accept = async (
  folder: PendingFolder,
  { batch, look, conversation }: Accepting,
): Promise<Accepted> => {
  const { paths } = folder;
  const askedAt = performance.now();
  const refused = await acceptIn(folder, look);
  const why = refused ?? ((await isProven(folder, batch)) ? null : notProven(batch.file));
  if (why !== null) {
    conversation.giveUp(why);
    // The CLI may still write later; it must not do so while the dialog is answered.
    const left = await conversation.close();
    const proven = await batch.isTrusted(paths);
    return { isProven: proven, why, askedAt, provenAt: performance.now(), diagnostics: left };
  }
  const provenAt = performance.now();
  const gone = await waitForLockGone(batch.file, { timeoutMs: lockMs, signal: new AbortController().signal });
  return { isProven: true, why, askedAt, provenAt, diagnostics: gone.ok ? [] : [leftLock(batch.file)] };
};

/** Null if the CLI confirms, else why not. After a busy answer it asks once more what the CLI would record. */
const acceptIn = async ({ paths: { real } }: PendingFolder, look: ControlLook): Promise<string | null> => {
  const until = performance.now() + busy.mostMs;
  for (;;) {
    const asked = await look.send((id) => acceptFolder(id, real, look.directory()));
    if (!asked.ok) return notAsked(asked.error);
    if (asked.value.status === "ok") return null;
    if (asked.value.status !== "busy") return "It did not take the answer.";
    if (performance.now() > until) return stillBusy;
    await pause(busy.pauseMs);
    const named = await look.named();
    if (!named.ok) return named.error;
  }
};

const isProven = async ({ paths }: PendingFolder, batch: Batch): Promise<boolean> => {
  if (await batch.isTrusted(paths)) return true;
  const seen = new AbortController();
  const stop = batch.watchTrusted(paths, () => seen.abort());
  await pause(proofMs, null, { signal: seen.signal }).catch(() => null);
  stop();
  return batch.isTrusted(paths);
};
