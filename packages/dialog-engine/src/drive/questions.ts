import type { ConsentKind } from "../consents.ts";
import type { Blocked } from "./decide.ts";
import type { Stop } from "../ports.ts";
import type { Observation } from "../rules/observe.ts";

/** A dialog that lacks a consent. Its texts are not redacted. */
export type DriveQuestion<Kind extends string = ConsentKind> = {
  /** The rule's id. */
  readonly dialog: string;
  readonly consent: Kind;
  /** The answers of this consent that the dialog offers. */
  readonly answers: readonly string[];
  /** Title and body, row by row. */
  readonly text: readonly string[];
  /** The labels of its options, in order. */
  readonly options: readonly string[];
};

/**
 * Asks the caller about a dialog. The caller passes one of its answers to `onAnswer`, or null for no answer. Returns
 * a function that withdraws the question; later answers are ignored.
 */
export type AskCaller<Kind extends string = ConsentKind> = (
  question: DriveQuestion<Kind>,
  onAnswer: (answer: string | null) => void,
) => Stop;

/** The questions of one run. At most one is open. */
export type Questions<Kind extends string> = {
  /** Asks the caller about this dialog, at most once per screen. False if no answer will come. */
  put(seen: Observation<Kind>, blocked: Blocked<Kind>, screenId: string): boolean;
  isOpen(screenId: string): boolean;
  takeBack(): void;
};

/** `onAnswer` gets the `screenId` of the question, and null if the caller gave no valid answer. */
export const createQuestions = <Kind extends string>(
  askCaller: AskCaller<Kind> | undefined,
  onAnswer: (screenId: string, answer: string | null) => void,
): Questions<Kind> => {
  const unanswered = new Set<string>();
  let open: { readonly screenId: string; stop: Stop } | null = null;

  const takeBack = (): void => {
    const last = open;
    open = null;
    last?.stop();
  };

  const ask = (caller: AskCaller<Kind>, question: DriveQuestion<Kind>, screenId: string): void => {
    const current = { screenId, stop: (): void => {} };
    open = current;
    current.stop = caller(question, (answer) => {
      if (open !== current) return;
      open = null;
      const allowed = answer !== null && question.answers.includes(answer) ? answer : null;
      if (allowed === null) unanswered.add(screenId);
      onAnswer(screenId, allowed);
    });
  };

  return {
    isOpen: (screenId) => open?.screenId === screenId,
    takeBack,
    put: (seen, blocked, screenId) => {
      if (open?.screenId === screenId) return true;
      const question = questionOf(seen, blocked);
      if (askCaller === undefined || question === null || unanswered.has(screenId)) return false;
      takeBack();
      ask(askCaller, question, screenId);
      return true;
    },
  };
};

/** Null if no consent would answer the dialog. */
const questionOf = <Kind extends string>(
  seen: Observation<Kind>,
  { dialog, consent, answers }: Blocked<Kind>,
): DriveQuestion<Kind> | null => {
  if (seen.type !== "select" || consent === undefined || answers === undefined) return null;
  const { above: text, options } = seen.dialog;
  return { dialog, consent, answers, text, options: options.map(({ label }) => label) };
};
