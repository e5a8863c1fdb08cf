import { ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";

/** Asks a platform once: a later call with the same key has the answer of the first one that succeeded. */
export type AskOnce = <Answer>(
  key: string,
  ask: () => Promise<Result<Answer, CallError>>,
) => Promise<Result<Answer, CallError>>;

/** Reads what was said since a time (ISO 8601, UTC), in any order. */
export type ReadMissed<Event> = (
  since: string,
  once: AskOnce,
) => Promise<Result<readonly Event[], CallError>>;

type Missed<Event> = {
  /** Nobody has heard the platform since this time. */
  readonly since: (time: string) => void;
  /** What was said since then. After an error the next call goes on where this one ended. */
  readonly read: () => Promise<Result<readonly Event[], CallError>>;
};

/**
 * Reads what was said while nobody heard a platform. An error ends no progress: answers are kept until all is read, also over a
 * further gap, which is read after the first one.
 */
export const missed = <Event>(read: ReadMissed<Event>): Missed<Event> => {
  let gaps: { readonly since: string; readonly answers: Map<string, unknown> }[] = [];
  return {
    since: (time) => void gaps.push({ since: time, answers: new Map() }),
    read: async () => {
      const found: Event[] = [];
      for (const { since, answers } of gaps) {
        const inGap = await read(
          since,
          async <Answer>(key: string, ask: () => Promise<Result<Answer, CallError>>) => {
            if (answers.has(key)) return ok(answers.get(key) as Answer);
            const answer = await ask();
            if (answer.ok) answers.set(key, answer.value);
            return answer;
          },
        );
        if (!inGap.ok) return inGap;
        found.push(...inGap.value);
      }
      gaps = [];
      return ok(found);
    },
  };
};
