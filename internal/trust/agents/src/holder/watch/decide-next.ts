import {
  decide,
  type Consents,
  type Decision,
  type Memory,
  type Observation,
  type RulePack,
} from "@trust/dialog-engine";
import { chosenAnswer, chosenKind } from "./chosen-option.ts";

/**
 * Times in milliseconds. `startingMs`: consents count for the start only; an agent that was ready before, or
 * runs for longer, can draw a screen like any dialog. `stuckMs`: a dialog that is still shown this long after
 * its last key is left to a person.
 */
const pace = { startingMs: 60_000, stuckMs: 10_000 };

/** The input of a decision, besides the screen. Times on one clock. */
export type Deciding = {
  readonly pack: RulePack;
  /** The answers for the start; after the start only a person's choice counts. */
  readonly consents: Consents;
  readonly startedAt: number;
  readonly wasReady: boolean;
  readonly now: number;
};

/**
 * The engine's decision. If the engine has no key left for a dialog, the dialog is blocked: the keys did not
 * answer it.
 */
export const decideNext = (
  seen: Observation<string>,
  memory: Memory,
  { pack, consents, startedAt, wasReady, now }: Deciding,
): Decision<string> => {
  const isStarting = !wasReady && now < startedAt + pace.startingMs;
  const decision = decide<string>(seen, memory, {
    pack: pack as RulePack<string>,
    consents: { ...(isStarting ? consents : {}), [chosenKind]: chosenAnswer },
    isFolderSaid: true,
    now,
  });
  // A chosen option ends by its own limit.
  const isStuck = decision.type === "wait" && decision.again === null && seen.type === "select";
  if (!isStuck || seen.rule.kind === chosenKind) return decision;
  const end = (memory.lastKey?.at ?? now) + pace.stuckMs;
  if (memory.lastKey !== null && now < end) return { ...decision, again: end };
  return { type: "blocked", code: "consent-needed", dialog: seen.rule.id, consent: seen.rule.kind };
};
