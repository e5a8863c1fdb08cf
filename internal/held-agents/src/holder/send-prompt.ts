import { locateComposer, type RulePack, type Stop } from "@trust/dialog-engine";
import type { Result } from "@gatehouse/std";
import type { AgentView } from "./agent-view.ts";
import type { AgentWatch } from "./agent-watch.ts";

/** Why a prompt was not sent. After `not-taken` and `not-seen` it may stand in the composer. */
export type SendError =
  | { readonly code: "empty" | "too-long" | "control-characters" | "no-composer" | "no-paste" | "busy" }
  | { readonly code: "not-ready"; readonly state: AgentView["state"] }
  /** A question stands on the screen: a prompt would be read as its answer. */
  | { readonly code: "question"; readonly dialog: string }
  | { readonly code: "not-seen" | "not-taken" | "ended" };

/** UTF-16 units. */
const longestPrompt = 100_000;
/** Times in milliseconds. A busy machine may take seconds to draw a paste. */
const pace = { readyMs: 15_000, seenMs: 15_000, takenMs: 15_000, enterMs: 600, stillMs: 60 };

export type Sending = {
  readonly watch: AgentWatch;
  readonly pack: RulePack | null;
  readonly write: (data: string) => void;
  readonly after: (milliseconds: number, run: () => void) => Stop;
  readonly isPasteMode: () => boolean;
  readonly hasEnded: () => boolean;
};

/**
 * Gives a prompt to an agent that is ready: pastes it, sees it in the composer, presses Enter, and sees it leave
 * the composer. No key is sent while a question is on the screen.
 */
export const sendPrompt = async (text: string, sending: Sending): Promise<Result<null, SendError>> => {
  const { watch, pack, write, isPasteMode } = sending;
  const prompt = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const problem = problemOf(prompt);
  if (problem !== null) return failed({ code: problem });
  if (pack === null) return failed({ code: "no-composer" });
  const ready = await isReady(sending);
  if (!ready.ok) return ready;
  if (prompt.includes("\n") && !isPasteMode()) return failed({ code: "no-paste" });
  const empty = draftIn(watch.rows(), pack);
  write(isPasteMode() ? `\x1b[200~${prompt}\x1b[201~` : prompt);
  const isSeen = (): boolean =>
    hasDraft(watch.rows(), pack, prompt, empty) && watch.stillFor() >= pace.stillMs;
  if (!(await until(isSeen, pace.seenMs, sending))) return failed(standing(sending) ?? { code: "not-seen" });
  return confirm(prompt, empty, sending, pack);
};

/** Enter, again if it was lost, for as long as the prompt stands in the composer and nothing is asked. */
const confirm = async (
  prompt: string,
  empty: string,
  sending: Sending,
  pack: RulePack,
): Promise<Result<null, SendError>> => {
  const { watch, write } = sending;
  const isTaken = (): boolean => !hasDraft(watch.rows(), pack, prompt, empty);
  for (let tries = 0; tries * pace.enterMs < pace.takenMs; tries += 1) {
    const stands = standing(sending);
    if (stands !== null) return failed(stands);
    if (isTaken()) return { ok: true, value: null };
    write("\r");
    if (await until(isTaken, pace.enterMs, sending)) return { ok: true, value: null };
  }
  return failed({ code: "not-taken" });
};

const isReady = async (sending: Sending): Promise<Result<null, SendError>> => {
  const { watch } = sending;
  const isSettled = (): boolean => watch.view().state === "ready" || watch.view().state === "waiting";
  await until(isSettled, pace.readyMs, sending);
  const stands = standing(sending);
  if (stands !== null) return failed(stands);
  const { state } = watch.view();
  return state === "ready" ? { ok: true, value: null } : failed({ code: "not-ready", state });
};

/** What forbids a key now. */
const standing = ({ watch, hasEnded }: Sending): SendError | null => {
  if (hasEnded()) return { code: "ended" };
  const seen = watch.seen();
  const { question } = watch.view();
  if (question !== undefined) return { code: "question", dialog: question.dialog };
  if ("dialog" in seen) return { code: "question", dialog: "rule" in seen ? seen.rule.id : "unknown" };
  return null;
};

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;

const problemOf = (prompt: string): "empty" | "too-long" | "control-characters" | null => {
  if (prompt.trim() === "") return "empty";
  if (prompt.length > longestPrompt) return "too-long";
  // A paste ends at its own mark, and what follows would be keys.
  return controls.test(prompt) ? "control-characters" : null;
};

const compact = (text: string): string => text.replace(/[\s│┃║╭╮╰╯─━]+/gu, "");

/** What stands in the composer, down to the end of the screen; empty without a composer. */
const draftIn = (rows: readonly string[], pack: RulePack): string => {
  const composers = pack.rules.flatMap((rule) =>
    rule.type === "ready" ? [locateComposer(rows, rule.composer) ?? -1] : [],
  );
  const row = Math.max(-1, ...composers);
  return row < 0 ? "" : compact(rows.slice(row).join("\n"));
};

/** How programs draw a long paste instead of its text. */
const pastedMark = /\[Pasted(?:text|Content)|\[Paste[:#]/iu;

/** The composer holds the end of the prompt, or a mark in place of a long one. */
const hasDraft = (rows: readonly string[], pack: RulePack, prompt: string, empty: string): boolean => {
  const draft = draftIn(rows, pack);
  if (draft === "" || draft === empty) return false;
  const end = compact(prompt).slice(-24);
  return draft.includes(end) || (pastedMark.test(draft) && !pastedMark.test(empty));
};

/** Waits until `holds`, at each look and every 30 ms. False if it does not within the time. */
const until = (
  holds: () => boolean,
  milliseconds: number,
  { watch, after, hasEnded }: Sending,
): Promise<boolean> =>
  new Promise((resolve) => {
    let left = milliseconds;
    const tick = 30;
    const stop = watch.onLook(() => holds() && end(true));
    const end = (result: boolean): void => {
      stop();
      stopTimer();
      resolve(result);
    };
    let stopTimer: Stop = () => {};
    const check = (): void => {
      if (holds()) return end(true);
      if (left <= 0 || hasEnded()) return end(false);
      left -= tick;
      stopTimer = after(tick, check);
    };
    check();
  });

const failed = (error: SendError): Result<never, SendError> => ({ ok: false, error });
