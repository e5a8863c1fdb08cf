import type { Clock, RulePack, Stop } from "@trust/dialog-engine";
import { backoff, type Result } from "@gatehouse/std";
import { commandInPrompt, type CommandInPrompt } from "@gatehouse/provider-facts";
import { composerIn, draftIn, isBeside, isEmpty, type Composer, type Draft } from "./read-draft.ts";
import type { AgentView } from "./watch/agent-view.ts";
import type { AgentWatch } from "./watch/agent-watch.ts";

/** Why a prompt was not sent. After `not-seen`, `draft` and `not-taken` it may still be in the composer. */
export type SendError =
  | { readonly code: "empty" | "too-long" | "control-characters" | "no-composer" | "no-paste" | "busy" }
  /** The CLI would run it as a command, not pass it to its model. */
  | { readonly code: CommandInPrompt }
  | { readonly code: "not-ready"; readonly state: AgentView["state"] }
  /** The screen shows a question: a prompt would be read as its answer. */
  | { readonly code: "question"; readonly dialog: string }
  /** The CLI does not know a command of this name: it has answered, and left the command in the composer. */
  | { readonly code: "command-refused" }
  /** The composer contains another text, and Enter would send it too. */
  | { readonly code: "draft" }
  /** `cancelled`: the client that sent the request has disconnected. */
  | { readonly code: "not-seen" | "not-taken" | "ended" | "cancelled" };

/** UTF-16 units. */
const longestPrompt = 100_000;
/** Times in milliseconds. A busy machine may take seconds to draw a paste. */
const pace = { readyMs: 15_000, seenMs: 15_000, takenMs: 15_000, enterMs: 600, stillMs: 60, answeredMs: 600 };
/** The pause doubles before each Enter, so these take as long as `takenMs`. */
const mostEnters = 5;

export type Sending = {
  readonly watch: AgentWatch;
  readonly pack: RulePack | null;
  readonly write: (data: string) => void;
  readonly clock: Clock;
  readonly isPasteMode: () => boolean;
  readonly hasEnded: () => boolean;
  /** True if no client waits for the result any more: no further key is sent. */
  readonly isCancelled: () => boolean;
  /** The text is meant as a command of the CLI, such as `/clear`. */
  readonly isCommand?: boolean;
};

/**
 * Sends a prompt to an agent that is ready: pastes it, waits until the composer shows it, presses Enter, and
 * waits until it leaves the composer. Each key is sent only to a completely drawn screen that matches a rule.
 */
export const sendPrompt = async (text: string, sending: Sending): Promise<Result<null, SendError>> => {
  const result = await typePrompt(text, sending);
  sending.watch.typed.expect(null);
  return result;
};

const typePrompt = async (text: string, sending: Sending): Promise<Result<null, SendError>> => {
  const { watch, pack, write, isPasteMode, isCommand = false } = sending;
  const prompt = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const problem = problemOf(prompt);
  if (problem !== null) return failed({ code: problem });
  if (pack === null) return failed({ code: "no-composer" });
  const command = commandInPrompt(prompt, pack.provider);
  if (command === "is-shell-command" || (command !== null && !isCommand)) return failed({ code: command });
  const notReady = await untilReady(sending);
  if (notReady !== null) return failed(notReady);
  if (command === null && isKeysWhenTyped(prompt) && !isPasteMode()) return failed({ code: "no-paste" });
  const composerNow = (): Composer => watch.typed.rows() ?? composerIn(watch.rows(), pack, prompt);
  const before = composerNow();
  watch.typed.expect(prompt, command !== null);
  write(isPasteMode() ? `\x1b[200~${prompt}\x1b[201~` : prompt);
  let entered: Composer = null;
  const draftNow = (): Draft => draftIn(composerNow(), prompt, { before, entered });
  const isSeen = (): boolean =>
    watch.seen() !== null && draftNow() === "prompt" && watch.stillFor() >= pace.stillMs;
  if (!(await until(isSeen, pace.seenMs, sending)))
    return failed(reasonNotToType(sending) ?? { code: "not-seen" });
  // If the prompt is taller than the composer, an earlier text before it is out of sight.
  if (watch.typed.isCut() && !isEmpty(before)) return failed({ code: "not-seen" });
  if (watch.typed.rows() === null && isBeside(composerNow(), prompt, before))
    return failed({ code: "draft" });
  let shown = "";
  const enter = (): void => {
    [entered, shown] = [composerNow(), watch.rows().join("\n")];
    write("\r");
  };
  /**
   * True if the CLI answered a command instead of running it: a command that ran would leave the composer.
   */
  const isAnswered = (): boolean => command !== null && watch.rows().join("\n") !== shown;
  return confirm(draftNow, { enter, isAnswered }, sending);
};

type Entering = { readonly enter: () => void; readonly isAnswered: () => boolean };

/**
 * Presses Enter while the prompt is in the composer and nothing is asked, and again if an Enter was lost. A
 * command that the CLI has answered and left there is not repeated: each Enter would print the same answer
 * once more.
 */
const confirm = async (
  draftNow: () => Draft,
  { enter, isAnswered }: Entering,
  sending: Sending,
): Promise<Result<null, SendError>> => {
  const { watch, clock } = sending;
  const isNow = (draft: Draft) => (): boolean => watch.seen() !== null && draftNow() === draft;
  const end = clock.now() + pace.takenMs;
  let enters = 0;
  while (clock.now() < end) {
    const patience = backoff({ first: pace.enterMs, most: end - clock.now() }, enters);
    if (enters > 0 && (await until(isNow("another"), patience, sending))) return sent;
    const isHere = await until(isNow("prompt"), pace.enterMs, sending);
    const reason = enters > 0 && !isHere ? reasonToStop(sending) : reasonNotToType(sending);
    if (reason !== null && !isPassing(reason)) return failed(reason);
    // After Enter, a screen without a composer is a result of the prompt.
    if (enters > 0 && isNow("none")()) return sent;
    if (!isHere || reason !== null) continue;
    if (enters > 0 && isAnswered()) {
      if (watch.stillFor() >= pace.answeredMs) return failed({ code: "command-refused" });
      continue;
    }
    if (enters === mostEnters) continue;
    enter();
    enters += 1;
  }
  if (enters === 0) return failed({ code: "not-seen" });
  return draftNow() === "prompt" ? failed({ code: "not-taken" }) : sent;
};

const sent: Result<null, never> = { ok: true, value: null };

/** Waits until a completely drawn screen shows the composer. Returns the reason if it does not; else null. */
const untilReady = async (sending: Sending): Promise<SendError | null> => {
  const { watch } = sending;
  const isReady = (): boolean => watch.seen()?.type === "ready" && watch.view().state === "ready";
  await until(() => isReady() || watch.view().state === "waiting", pace.readyMs, sending);
  const reason = reasonNotToType(sending);
  if (reason !== null) return reason;
  return isReady() ? null : { code: "not-ready", state: watch.view().state };
};

/** Why no key may be pressed now; null if one may. */
const reasonNotToType = (sending: Sending): SendError | null => {
  const { watch } = sending;
  const { question, state } = watch.view();
  const seen = watch.seen();
  const reason = reasonToStop(sending);
  if (reason !== null) return reason;
  if (question !== undefined) return { code: "question", dialog: question.dialog };
  if (seen !== null && "dialog" in seen)
    return { code: "question", dialog: "rule" in seen ? seen.rule.id : "unknown" };
  return seen === null || seen.type === "passing" ? { code: "not-ready", state } : null;
};

/** Why to stop a `send` also after Enter, when a dialog may come from the prompt itself; null to continue. */
const reasonToStop = ({ watch, hasEnded, isCancelled }: Sending): SendError | null => {
  if (hasEnded()) return { code: "ended" };
  if (isCancelled()) return { code: "cancelled" };
  const seen = watch.seen();
  return seen?.type === "block" ? { code: "question", dialog: seen.rule.id } : null;
};

/** True if the reason passes by itself: output is still to be drawn, or the screen changes by itself. */
const isPassing = ({ code }: SendError): boolean => code === "not-ready";

// eslint-disable-next-line no-control-regex -- the expression finds control characters
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;

const problemOf = (prompt: string): "empty" | "too-long" | "control-characters" | null => {
  if (prompt.trim() === "") return "empty";
  if (prompt.length > longestPrompt) return "too-long";
  // A paste ends at its end mark, and the text after a mark would be keys.
  return controls.test(prompt) ? "control-characters" : null;
};

/** Waits until `holds`, checked at each reading of the screen and every 30 ms. False after the timeout. */
const until = (
  holds: () => boolean,
  milliseconds: number,
  { watch, clock, hasEnded, isCancelled }: Sending,
): Promise<boolean> =>
  new Promise((resolve) => {
    const tick = 30;
    const over = clock.now() + milliseconds;
    let stopTimer: Stop = () => {};
    const end = (result: boolean): void => {
      stop();
      stopTimer();
      resolve(result);
    };
    const stop = watch.onUpdate(() => holds() && end(true));
    const check = (): void => {
      if (holds()) return end(true);
      if (clock.now() >= over || hasEnded() || isCancelled()) return end(false);
      stopTimer = clock.after(tick, check);
    };
    check();
  });

const failed = (error: SendError): Result<never, SendError> => ({ ok: false, error });

/**
 * True if the prompt, typed instead of pasted, would press keys: Enter, Tab, or a character that opens a menu
 * in an empty composer.
 */
export const isKeysWhenTyped = (prompt: string): boolean => /[\n\t]|^\s*[/!?#@&$]/u.test(prompt);
