import type { ClientBase } from "pg";
import { trouble, type PostgresTrouble } from "./trouble.ts";

/** A limit on the wait for an answer of the server. */
export type AnswerLimit = {
  /** The limit at the beginning. */
  readonly ms: number;
  /** The error for a server that gave no answer within this time, ms. */
  readonly silence: (waitedMs: number) => PostgresTrouble;
  /**
   * Runs a query of this session. If no answer arrives in time, the session is cut off, and the query fails.
   */
  readonly within: <T>(client: ClientBase, query: () => Promise<T>) => Promise<T>;
  /** Raises the limit to ten minutes while this runs: for statements over whole tables. */
  readonly unhurried: <T>(work: () => Promise<T>) => Promise<T>;
  /** Lowers the limit to at most this time, ms. */
  readonly shorten: (ms: number) => void;
};

/** A statement over a whole table may take this long, ms. */
const unhurriedMs = 600_000;

/** `shown` is the server's address in the error. */
export const answerLimit = (limitMs: number, shown: string): AnswerLimit => {
  let [ms, unhurried] = [limitMs, 0];
  const silence = (waitedMs: number): PostgresTrouble =>
    trouble("POSTGRES_AWAY", `${shown} gave no answer within ${waitedMs / 1_000} s`);
  const cutSilent = (client: ClientBase, waitedMs: number): void => cutOff(client, silence(waitedMs));
  return {
    ms: limitMs,
    silence,
    within: async (client, query) => {
      const most = unhurried > 0 ? unhurriedMs : ms;
      const timer = setTimeout(cutSilent, most, client, most);
      try {
        return await query();
      } finally {
        clearTimeout(timer);
      }
    },
    unhurried: async (work) => {
      unhurried += 1;
      try {
        return await work();
      } finally {
        unhurried -= 1;
      }
    },
    shorten: (most) => void (ms = Math.min(ms, most)),
  };
};

/** The part of pg's client that ends a session whose server does not answer; `end` would wait for it. */
type Severable = { readonly connection: { readonly stream: { destroy(error?: Error): unknown } } };

/** Cuts a session off without asking the server. Its queries fail with this error. */
export const cutOff = (client: ClientBase, error?: Error): void => {
  (client as unknown as Severable).connection.stream.destroy(error);
};
