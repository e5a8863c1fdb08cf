import type { Observation, SelectRule, Clock } from "@trust/dialog-engine";
import type { Result } from "@gatehouse/std";
import type { HeldQuestion } from "@gatehouse/held-client/records";
import { identityOf, shownLabel } from "./agent-view.ts";

/** The option of a question that a person has chosen. */
export type ChosenOption = {
  /** The texts of the question and its options: equal for two views of the same question. */
  readonly question: string;
  readonly label: string;
  readonly rule: SelectRule<string>;
};

/** Why an answer cannot be given. */
export type AnswerError =
  | { readonly code: "nothing-asked" }
  | { readonly code: "no-such-option"; readonly options: readonly string[] }
  /** Enter would not choose a single option, or the screen does not show which option it would choose. */
  | { readonly code: "attach-needed" }
  /** Another answer is being given. */
  | { readonly code: "busy" }
  /** Another question is asked than the person has seen, or it changed before Enter; nothing was answered. */
  | { readonly code: "question-changed"; readonly now?: HeldQuestion }
  | { readonly code: "not-taken" }
  /** The client that asked has disconnected. */
  | { readonly code: "cancelled" }
  | { readonly code: "ended" };

/** The kind and the answer in a rule that is made for one question. */
export const chosenKind = "chosen";
export const chosenAnswer = "it";

/** Text below a list in which Enter takes the ticked options, or another key chooses. */
const choosesOtherwise = /space to|←\/→|to toggle|tab\/shift/iu;

/**
 * Finds the option that a person means: its text, raw or as shown, in any case; else the only option that
 * begins with it. The rule wants only that option, so that the engine's closed loop can confirm it.
 */
export const chooseOption = (
  seen: Observation<string>,
  wanted: string,
  rows: readonly string[],
  redact: (text: string) => string,
): Result<ChosenOption, AnswerError> => {
  // A screen without options that only a person can handle.
  if (seen.type === "block") return { ok: false, error: { code: "attach-needed" } };
  if (!("dialog" in seen)) return { ok: false, error: { code: "nothing-asked" } };
  const { dialog } = seen;
  const labels = dialog.options.map(({ label }) => label);
  const below = dialog.below.join("\n");
  if (dialog.type !== "list" || dialog.pointed === null || choosesOtherwise.test(below))
    return { ok: false, error: { code: "attach-needed" } };
  const shown = labels.map((label) => shownLabel(label, redact));
  const at = indexOfMatch(labels, wanted) ?? indexOfMatch(shown, wanted);
  const label = at === null ? undefined : labels[at];
  if (label === undefined) return { ok: false, error: { code: "no-such-option", options: shown } };
  const known = seen.type === "select" ? seen.rule : null;
  const rule: SelectRule<string> = {
    type: "select",
    id: known?.id ?? "asked/unknown",
    kind: chosenKind,
    title: "",
    want: { [chosenAnswer]: [exactly(label)] },
    never: [],
    // An unknown question may come again with the same words and another meaning.
    memory: known?.memory ?? "once",
    ...(known?.deadWindowMs === undefined ? {} : { deadWindowMs: known.deadWindowMs }),
    seenIn: [],
    why: "a person has chosen this option",
  };
  return { ok: true, value: { question: identityOf(seen, rows), label, rule } };
};

/** The index of the only label that matches; null if none or several do. */
const indexOfMatch = (labels: readonly string[], wanted: string): number | null => {
  const plain = (text: string): string => text.trim().replace(/\s+/g, " ").toLowerCase();
  if (plain(wanted) === "") return null;
  const placesOf = (isMeant: (label: string) => boolean): readonly number[] =>
    labels.flatMap((label, at) => (isMeant(plain(label)) ? [at] : []));
  const same = placesOf((label) => label === plain(wanted));
  const [found, another] = same.length > 0 ? same : placesOf((label) => label.startsWith(plain(wanted)));
  return another === undefined ? (found ?? null) : null;
};

const exactly = (label: string): RegExp => new RegExp(`^${label.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`);

/** The screen as a question that the chosen option answers; unchanged if it asks something else. */
export const withChosen = (
  seen: Observation<string>,
  chosen: ChosenOption | null,
  rows: readonly string[],
): Observation<string> =>
  chosen !== null && "dialog" in seen && identityOf(seen, rows) === chosen.question
    ? { type: "select", rule: chosen.rule, dialog: seen.dialog }
    : seen;

/** The answer that is being given: one at a time. */
export type OpenAnswer = {
  /** The option to confirm; null if there is none. */
  readonly chosen: () => ChosenOption | null;
  /** Resolves when `end` or `gone` is called, or after the timeout. */
  readonly begin: (chosen: ChosenOption) => Promise<Result<null, AnswerError>>;
  /** Call after Enter was pressed on the option. */
  readonly enter: () => void;
  /** Call when the question has gone: it counts as answered if Enter was pressed. */
  readonly gone: () => void;
  readonly end: (error: AnswerError) => void;
};

/** Timeout of an answer, ms. */
const answerMs = 20_000;

export const createOpenAnswer = (clock: Clock): OpenAnswer => {
  let chosen: ChosenOption | null = null;
  let hasEntered = false;
  let done: (result: Result<null, AnswerError>) => void = () => {};
  const end = (result: Result<null, AnswerError>): void => {
    chosen = null;
    done(result);
  };
  return {
    chosen: () => chosen,
    begin: (next) =>
      new Promise((resolve) => {
        [chosen, hasEntered] = [next, false];
        const stopTimer = clock.after(answerMs, () => end({ ok: false, error: { code: "not-taken" } }));
        done = (result) => {
          done = () => {};
          stopTimer();
          resolve(result);
        };
      }),
    enter: () => (hasEntered = chosen !== null),
    gone: () =>
      end(hasEntered ? { ok: true, value: null } : { ok: false, error: { code: "question-changed" } }),
    end: (error) => end({ ok: false, error }),
  };
};
