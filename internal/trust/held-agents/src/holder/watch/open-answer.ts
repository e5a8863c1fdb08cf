import type { Clock } from "@trust/dialog-engine";
import type { Result } from "@gatehouse/std";
import type { AnswerError, ChosenOption } from "./chosen-option.ts";

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
