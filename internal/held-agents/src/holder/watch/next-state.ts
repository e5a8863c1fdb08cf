import type { AgentView } from "./agent-view.ts";

/** How long something must have been on the screen before the state follows it, in milliseconds. */
const pace = {
  /** A screen without its question, or without its composer, may be part of the next frame. */
  goneMs: 300,
  /** An agent at work is ready again once its screen has been unchanged for this time. */
  quietMs: 700,
};

/** Drawn by an agent at work, composer or not. */
const atWork = /\besc(?:ape)? to (?:interrupt|cancel|stop)\b/iu;

/** The last look at an agent that asks nothing. Times in milliseconds on one clock. */
export type Look = {
  /** "composer": it stood long enough; "nothing": neither a question nor a composer is there. */
  readonly seen: "composer" | "nothing";
  readonly text: string;
  readonly state: AgentView["state"];
  /** A composer has stood before. */
  readonly wasReady: boolean;
  readonly now: number;
  /** When the text of the screen changed last. */
  readonly changedAt: number;
  /** Since when neither a question nor a composer has been there. */
  readonly goneSince: number;
};

/** The state from now on, or when to look again. */
export type NextState = { readonly state: AgentView["state"] } | { readonly again: number };

/** A composer may stand while the agent works, and a screen may be half drawn. */
export const nextState = (look: Look): NextState => {
  const { seen, text, state, wasReady, now, changedAt, goneSince } = look;
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

/** When a question that is not on the screen any more counts as gone. */
export const goneAt = (goneSince: number): number => goneSince + pace.goneMs;
