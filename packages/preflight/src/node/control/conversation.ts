import { waitForLockGone } from "@trust/claude-state-probe/node";
import { redactText } from "@trust/dialog-engine";
import { leftLock, notAsked, unsupported, type NoAnswer } from "../../diagnostic-messages.ts";
import type { Diagnostic, Environment, Result, Verdict } from "../../index.ts";
import { noRoom, withBatch, type Batch } from "../dialog/batch.ts";
import { endFrozen } from "@gatehouse/processes";
import { openControlChannel, type ControlChannel, type ChannelProgram } from "./control-channel.ts";
import type { StartSlot } from "../turns/slots.ts";
import { recheckKeys } from "../read-keys.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import type { Confirm, ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { withTempFolder } from "../temp-folder.ts";

/** How long a CLI may take to exit after its input is closed, ms; 2.1.328 takes 5 - 300. `givenUp`: it did not answer. */
const endMs = { asked: 5_000, givenUp: 300 } as const;
/**
 * If our process is killed, how long the guard lets the CLI end by itself, ms. Its closed input ends it, but only after
 * it has started, which took 4 s on a busy machine.
 */
const orphanMs = 15_000;
/** How long to wait for the CLI's lock after that, ms. */
const lockMs = 1_000;

/** The one conversation of a batch with its CLI. It starts at the first folder, and again after it was closed. */
export type Conversation<D> = {
  /**
   * Waits for a start slot before the CLI is started, since other batches start CLIs too. Resolves with true if it had
   * to wait, and with false if the CLI already runs or is no longer asked.
   */
  takeSlot(onWait: () => void): Promise<boolean>;
  /**
   * The running CLI if it supports the request, or else a sentence with the reason. `real`: the first folder to ask
   * about.
   */
  open(real: string): Promise<Result<D, string>>;
  /** True if this is the running CLI. */
  isOpen(door: D): boolean;
  /** Stops asking in this batch. */
  giveUp(why: string): void;
  /** Ends the CLI. Returns its diagnostics. */
  close(): Promise<readonly Diagnostic[]>;
};

/** The control protocol of one CLI. */
export type ControlProtocol<Request, Answer> = Pick<ChannelProgram<Answer>, "readAnswer"> & {
  readonly args: readonly string[];
  /** Variables to set in addition to the batch's environment. */
  readonly variables: Environment;
  /** Checks whether the CLI supports the request, without recording anything. */
  readonly checkSupport: (
    channel: ControlChannel<Request, Answer>,
    about: { readonly real: string; readonly timeoutMs: number },
  ) => Promise<Result<"supported" | "unsupported", NoAnswer>>;
};

export type ConversationDeps = Pick<
  Batch,
  "cli" | "env" | "file" | "limits" | "signal" | "guard" | "secrets" | "home" | "slots"
> & {
  /** An empty folder of ours in which the CLI starts. */
  readonly neutral: string;
};

const createConversation = <Request, Answer>(
  deps: ConversationDeps,
  protocol: ControlProtocol<Request, Answer>,
): Conversation<ControlChannel<Request, Answer>> => {
  type Opened = Result<ControlChannel<Request, Answer>, string>;
  let why: string | null = null;
  let slot: Promise<StartSlot> | null = null;
  let running: {
    readonly channel: ControlChannel<Request, Answer>;
    readonly opened: Promise<Opened>;
  } | null = null;

  const leaveSlot = async (): Promise<void> => {
    const left = slot;
    slot = null;
    await (await left)?.leave();
  };

  const openChannel = async (channel: ControlChannel<Request, Answer>, real: string): Promise<Opened> => {
    const supported = await protocol.checkSupport(channel, { real, timeoutMs: deps.limits.totalMs / 2 });
    if (supported.ok && supported.value === "supported") return { ok: true, value: channel };
    why ??= supported.ok ? unsupported : notAsked(supported.error);
    running = null;
    // The code for the dialog detects a lock that this CLI leaves behind.
    await end(channel, deps);
    await leaveSlot();
    return { ok: false, error: why };
  };

  return {
    takeSlot: async (onWait) => {
      if (running !== null || why !== null) return false;
      slot ??= deps.slots.take(deps.signal, onWait);
      return (await slot).hasWaited;
    },
    open: async (real) => {
      if (why !== null) return { ok: false, error: why };
      if (running === null) {
        const channel = start(deps, protocol);
        running = { channel, opened: openChannel(channel, real) };
      }
      return running.opened;
    },
    isOpen: (channel) => running?.channel === channel,
    giveUp: (reason) => (why ??= reason),
    close: async () => {
      const ending = running;
      running = null;
      const diagnostics = ending === null ? [] : await end(ending.channel, deps);
      await leaveSlot();
      return diagnostics;
    },
  };
};

const start = <Request, Answer>(
  { cli, env, neutral, signal, guard, secrets, home }: ConversationDeps,
  { args, variables, readAnswer }: ControlProtocol<Request, Answer>,
): ControlChannel<Request, Answer> => {
  const channel = openControlChannel<Request, Answer>(
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
  if (channel.pid !== 0) {
    const unwatch = guard.watch(channel.pid, orphanMs);
    channel.onExit(() => unwatch());
  }
  return channel;
};

/** Closes the CLI's input. A CLI that does not exit is ended like one with a dialog: never while it holds its lock. */
const end = async (
  channel: ControlChannel<never, unknown>,
  { file, signal }: ConversationDeps,
): Promise<readonly Diagnostic[]> => {
  const isGivenUp = channel.hasFailed() || signal.aborted;
  if (!(await channel.closeInput(isGivenUp ? endMs.givenUp : endMs.asked))) {
    const { isFree, reaped } = await endFrozen(channel, file, lockMs);
    await reaped;
    return isFree ? [] : [leftLock(file)];
  }
  const gone = await waitForLockGone(file, { timeoutMs: lockMs });
  return gone.ok ? [] : [leftLock(file)];
};

/** The differences between CLIs with a control protocol. */
type ConversationSetup<Request, Answer> = {
  readonly protocolFor: (batch: Batch) => ControlProtocol<Request, Answer>;
  readonly confirmWith: (
    conversation: Conversation<ControlChannel<Request, Answer>>,
    batch: Batch,
  ) => Confirm;
};

/** Lends a confirmer that has one conversation with its CLI, in an empty folder of ours, and ends the CLI afterwards. */
export const withConversation = async <T, Request, Answer>(
  context: ConfirmContext,
  prompted: PromptedCli,
  { protocolFor, confirmWith }: ConversationSetup<Request, Answer>,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const lent = await withTempFolder((neutral) =>
    withBatch(context, prompted, (batch) => {
      const conversation = createConversation({ ...batch, neutral }, protocolFor(batch));
      return use({
        confirm: confirmWith(conversation, batch),
        settle: conversation.close,
        file: batch.file,
        recheckKeys: () => recheckKeys(batch),
      }).finally(conversation.close);
    }),
  );
  return lent.ok ? lent.value : noRoom("temp-not-writable", lent.error.detail, prompted.file);
};
