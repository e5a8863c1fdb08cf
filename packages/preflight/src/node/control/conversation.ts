import { waitForLockGone } from "@trust/claude-state-probe/node";
import { redactText } from "@trust/dialog-engine";
import { leftLock, notAsked, unsupported } from "../../explain/control.ts";
import type { Diagnostic, Environment, Result } from "../../index.ts";
import type { Batch } from "../dialog/batch.ts";
import { endFrozen } from "@gatehouse/processes";
import { openDoor, type Door, type DoorProgram, type NoAnswer } from "./door.ts";
import type { StartSlot } from "../turns/slots.ts";
import { knownRefusals } from "./known-refusals.ts";

/**
 * How long a CLI may take to exit after its input is closed, ms; 2.1.328 takes 5 - 300. One that did not
 * answer gets less.
 */
const endMs = { asked: 5_000, givenUp: 300 } as const;
/**
 * If we are killed, how long the guard lets the CLI end by itself, ms. Its closed input ends it, but only
 * after it has started, which took 4 s on a busy machine.
 */
const orphanMs = 15_000;
/** How long to wait for its lock then, ms. */
const lockMs = 1_000;

/**
 * The one conversation of a batch with its CLI: started at the first folder, and again after it was closed.
 */
export type Conversation<D> = {
  /**
   * Waits, before the CLI is started, until there is room for it beside those of other batches. Whether it had to
   * wait; `false` if the CLI runs or is not asked any more.
   */
  takeSlot(onWait: () => void): Promise<boolean>;
  /**
   * The running CLI, if it supports the request; else a sentence that says why not. `real` is the first
   * folder to ask about.
   */
  open(real: string): Promise<Result<D, string>>;
  /** Whether this is the running CLI. */
  isOpen(door: D): boolean;
  /** Asks nothing more in this batch. */
  giveUp(why: string): void;
  /** Ends the CLI. Returns its diagnostics. */
  close(): Promise<readonly Diagnostic[]>;
};

/** How a CLI speaks its control protocol. */
export type Speech<Request, Answer> = Pick<DoorProgram<Answer>, "readAnswer"> & {
  readonly args: readonly string[];
  /** Variables that are set beside the batch's own. */
  readonly variables: Environment;
  /** Finds out whether the CLI supports the request, without recording anything. */
  readonly greet: (
    door: Door<Request, Answer>,
    about: { readonly real: string; readonly timeoutMs: number },
  ) => Promise<Result<"supported" | "unsupported", NoAnswer>>;
};

export type Talk = Pick<
  Batch,
  "cli" | "env" | "file" | "limits" | "signal" | "guard" | "secrets" | "home" | "dataDir" | "slots"
> & {
  /** An empty folder of ours, in which the CLI starts. */
  readonly neutral: string;
};

export const converse = <Request, Answer>(
  talk: Talk,
  speech: Speech<Request, Answer>,
): Conversation<Door<Request, Answer>> => {
  type Opened = Result<Door<Request, Answer>, string>;
  const refusals = knownRefusals(talk.dataDir, talk.cli);
  let why: string | null = null;
  let slot: Promise<StartSlot> | null = null;
  let running: { readonly door: Door<Request, Answer>; readonly opened: Promise<Opened> } | null = null;

  const leaveSlot = async (): Promise<void> => {
    const left = slot;
    slot = null;
    await (await left)?.leave();
  };

  const knock = async (door: Door<Request, Answer>, real: string): Promise<Opened> => {
    const greeted = await speech.greet(door, { real, timeoutMs: talk.limits.totalMs / 2 });
    if (greeted.ok && greeted.value === "supported") return { ok: true, value: door };
    if (greeted.ok) await refusals.add();
    why ??= greeted.ok ? unsupported : notAsked(greeted.error);
    running = null;
    // The code that answers the dialog checks for what this CLI leaves behind.
    await end(door, talk);
    await leaveSlot();
    return { ok: false, error: why };
  };

  return {
    takeSlot: async (onWait) => {
      if (running === null && why === null && (await refusals.has())) why = unsupported;
      if (running !== null || why !== null) return false;
      slot ??= talk.slots.take(talk.signal, onWait);
      return (await slot).hasWaited;
    },
    open: async (real) => {
      if (why !== null) return { ok: false, error: why };
      if (running === null) {
        const door = start(talk, speech);
        running = { door, opened: knock(door, real) };
      }
      return running.opened;
    },
    isOpen: (door) => running?.door === door,
    giveUp: (reason) => (why ??= reason),
    close: async () => {
      const ending = running;
      running = null;
      const diagnostics = ending === null ? [] : await end(ending.door, talk);
      await leaveSlot();
      return diagnostics;
    },
  };
};

const start = <Request, Answer>(
  { cli, env, neutral, signal, guard, secrets, home }: Talk,
  { args, variables, readAnswer }: Speech<Request, Answer>,
): Door<Request, Answer> => {
  const door = openDoor<Request, Answer>(
    {
      file: cli.path,
      args,
      env: { ...env, ...variables },
      cwd: neutral,
      redact: (text) => redactText(text, secrets, home),
      readAnswer,
    },
    signal,
  );
  if (door.pid !== 0) {
    const unwatch = guard.watch(door.pid, orphanMs);
    door.onExit(() => unwatch());
  }
  return door;
};

/**
 * A CLI that does not exit by itself is ended like one that was driven through its dialog: not while it holds
 * its lock.
 */
const end = async (door: Door<never, unknown>, { file, signal }: Talk): Promise<readonly Diagnostic[]> => {
  const isGivenUp = door.hasFailed() || signal.aborted;
  if (!(await door.hangUp(isGivenUp ? endMs.givenUp : endMs.asked))) {
    const { isFree, reaped } = await endFrozen(door, file, lockMs);
    await reaped;
    return isFree ? [] : [leftLock(file)];
  }
  const gone = await waitForLockGone(file, { timeoutMs: lockMs });
  return gone.ok ? [] : [leftLock(file)];
};
