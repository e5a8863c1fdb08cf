import type { Memory, Observation } from "@trust/dialog-engine";
import type { AgentView } from "./agent-view.ts";

/** How long a screen must be unchanged in this way before the state changes, in milliseconds. */
const pace = {
  /** A screen without its question, or without its composer, may be a part of the next frame. */
  goneMs: 300,
  /** An agent at work is ready again once its screen has been unchanged for this time. */
  quietMs: 700,
};

/** A text that an agent draws while it works, with or without a composer. */
const atWork = /\besc(?:ape)? to (?:interrupt|cancel|stop)\b/iu;

/** The last reading of the screen of an agent that asks nothing. Times in milliseconds on one clock. */
export type ScreenReading = {
  /** "composer": a composer was shown long enough; "nothing": neither a question nor a composer is shown. */
  readonly seen: "composer" | "nothing";
  readonly text: string;
  readonly state: AgentView["state"];
  /** A composer was shown before. */
  readonly wasReady: boolean;
  readonly now: number;
  /** The time of the last change of the screen's text. */
  readonly changedAt: number;
  /** The time since which neither a question nor a composer is shown. */
  readonly goneSince: number;
};

/** The next state, or the time of the next reading. */
export type NextState = { readonly state: AgentView["state"] } | { readonly again: number };

/** Decides the next state. A composer may be shown while the agent works, and a screen may be half drawn. */
export const nextState = (reading: ScreenReading): NextState => {
  const { seen, text, state, wasReady, now, changedAt, goneSince } = reading;
  const isAtWork = atWork.test(text);
  if (seen === "composer") {
    if (isAtWork) return { state: "working" };
    const quietAt = changedAt + pace.quietMs;
    return state === "working" && now < quietAt ? { again: quietAt } : { state: "ready" };
  }
  const next = wasReady || isAtWork ? "working" : "starting";
  const goneAt = goneSince + pace.goneMs;
  return next !== state && now < goneAt ? { again: goneAt } : { state: next };
};

/** The time at which a question that is not on the screen any more counts as gone. */
export const goneAt = (goneSince: number): number => goneSince + pace.goneMs;

/** The dialogs that were answered, for as long as the program leaves them on the screen. */
export type AnsweredLabels = {
  /** The memory for the next reading; the answered dialogs are removed once they have left the screen. */
  readonly before: (memory: Memory, now: number) => Memory;
  /** True if the dialog with these labels was answered. */
  readonly has: (memory: Memory, labels: string) => boolean;
  readonly after: (seen: Observation<string>, now: number) => void;
};

/** After an answered dialog has left the screen, an equal dialog is a new one. */
export const createAnsweredLabels = (): AnsweredLabels => {
  let goneSince: number | null = null;
  let isThere = false;
  return {
    before: (memory, now) => {
      isThere = false;
      return goneSince === null || now < goneAt(goneSince) ? memory : { ...memory, answered: new Set() };
    },
    has: ({ answered }, labels) => {
      isThere = answered.has(labels);
      return isThere;
    },
    after: (seen, now) => {
      const isGone = seen.type === "ready" && !isThere;
      goneSince = isGone ? (goneSince ?? now) : null;
    },
  };
};
