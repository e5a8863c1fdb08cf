import type { ConsentKind, Consents } from "./consents.ts";
import type { DriveBlockedCode } from "./drive-types.ts";
import type { Key } from "./keys.ts";
import type { Dialog } from "./locate-dialog.ts";
import { labelsOf, optionFor, type Observation } from "./observe.ts";
import type { RulePack, SelectRule } from "./rules/rule.ts";

/** The engine's own waits, in milliseconds, and its limits. `bench` holds it to the first. */
export const pace = {
  /** Unchanged for so long, a screen is still. */
  stillMs: 15,
  /** After an arrow moved the pointer, it must stay there for so long before Enter. */
  settledMs: 30,
  /** An arrow that moved nothing is pressed again after this. */
  arrowRetryMs: 300,
  /** An Enter that brought no proof may be followed by another after this. */
  proofWaitMs: 500,
  /** A list that no rule knows must stand for so long before it is called unknown: it may still be being drawn. */
  unknownMs: 1_000,
  keysPerDialog: 12,
  keysPerRun: 30,
} as const;

/** What the run knows beside the screen it sees. Times in milliseconds on the run's clock. */
export type Memory = {
  /** Identity of what stands there: what the pack takes it for, and a dialog's question. */
  readonly standing: string;
  readonly standingSince: number;
  readonly pointed: number | null;
  readonly pointedSince: number;
  /** When the program last wrote anything. A piece of output may be the start of another frame. */
  readonly outputAt: number;
  readonly lastKey: { readonly key: Key; readonly at: number; readonly ruleId: string } | null;
  readonly keysHere: number;
  readonly entersHere: number;
  readonly keys: number;
  /** Labels (`labelsOf`) of the dialogs that were confirmed: they may stay on the screen. */
  readonly answered: ReadonlySet<string>;
};

export const emptyMemory = (now: number): Memory => ({
  standing: "",
  standingSince: now,
  pointed: null,
  pointedSince: now,
  outputAt: now,
  lastKey: null,
  keysHere: 0,
  entersHere: 0,
  keys: 0,
  answered: new Set(),
});

/** What to do now. `again` is the time (ms) at which the same screen may lead to another decision. */
export type Decision =
  | { readonly type: "wait"; readonly again: number | null; readonly why: string }
  | {
      readonly type: "press";
      readonly key: Key;
      readonly rule: SelectRule;
      readonly dialog: Dialog;
      readonly why: string;
    }
  | { readonly type: "ready" }
  | {
      readonly type: "blocked";
      readonly code: DriveBlockedCode;
      readonly dialog: string;
      readonly consent?: ConsentKind;
    };

/** What stands there now, with since when: a new question starts its own count of keys. */
export const remember = (memory: Memory, seen: Observation, now: number): Memory => {
  const standing = standingOf(seen);
  const pointed = "dialog" in seen ? seen.dialog.pointed : null;
  if (standing !== memory.standing) {
    return {
      ...memory,
      standing,
      standingSince: now,
      pointed,
      pointedSince: now,
      keysHere: 0,
      entersHere: 0,
    };
  }
  return pointed === memory.pointed ? memory : { ...memory, pointed, pointedSince: now };
};

const standingOf = (seen: Observation): string => {
  const rule = "rule" in seen ? seen.rule.id : "";
  return `${seen.type} ${rule} ${"dialog" in seen ? seen.dialog.question : ""}`;
};

/** The memory after a key went out. */
export const pressed = (
  memory: Memory,
  key: Key,
  { rule, dialog }: { readonly rule: SelectRule; readonly dialog: Dialog },
  now: number,
): Memory => ({
  ...memory,
  lastKey: { key, at: now, ruleId: rule.id },
  keysHere: memory.keysHere + 1,
  keys: memory.keys + 1,
  entersHere: memory.entersHere + (key === "enter" ? 1 : 0),
  answered: key === "enter" ? new Set([...memory.answered, labelsOf(dialog)]) : memory.answered,
});

/**
 * The closed loop's one step: from what is seen and what is remembered to what to do. No key unless a rule knows the
 * screen, the caller consented, and the screen is still; Enter only while the pointer is on the wanted option.
 */
export const decide = (
  seen: Observation,
  memory: Memory,
  context: { readonly pack: RulePack; readonly consents: Consents; readonly now: number },
): Decision => {
  const { pack, now } = context;
  const stands = (milliseconds: number, decision: Decision): Decision =>
    now - memory.standingSince >= milliseconds
      ? decision
      : wait(memory.standingSince + milliseconds, "the screen may still change");

  switch (seen.type) {
    case "nothing":
      return wait(null, "nothing is asked");
    case "ready":
      return stands(pack.readyStandsMs, { type: "ready" });
    case "block":
      return stands(pack.deadWindowMs, { type: "blocked", code: seen.rule.code, dialog: seen.rule.id });
    case "yes-no": {
      const dialog = seen.ruleId ?? `${pack.provider}/unknown`;
      return stands(pack.deadWindowMs, { type: "blocked", code: "screen-reader-dialog", dialog });
    }
    case "unknown": {
      const dialog = `${pack.provider}/unknown`;
      return stands(pace.unknownMs, { type: "blocked", code: "unknown-dialog", dialog });
    }
    case "select":
      return stands(pack.deadWindowMs, decideSelect(seen, memory, context));
  }
};

const decideSelect = (
  { rule, dialog }: Extract<Observation, { type: "select" }>,
  memory: Memory,
  { consents, now }: { readonly consents: Consents; readonly now: number },
): Decision => {
  const answer = consents[rule.kind];
  const wanted = answer === undefined ? null : optionFor(rule, answer, dialog);
  if (wanted === null || dialog.pointed === null) {
    return { type: "blocked", code: "consent-needed", dialog: rule.id, consent: rule.kind };
  }
  if (memory.keysHere >= pace.keysPerDialog || memory.keys >= pace.keysPerRun) {
    return wait(null, "the limit of keys is reached");
  }
  const next =
    confirming(rule, memory, now) ??
    writing(memory, now) ??
    (dialog.pointed === wanted ? settling(memory, now) : moving(memory, now));
  if (next !== null) return next;
  const label = dialog.options[wanted]?.label ?? "";
  if (dialog.pointed === wanted)
    return { type: "press", key: "enter", rule, dialog, why: `the pointer is on "${label}"` };
  const key = dialog.pointed < wanted ? "down" : "up";
  return { type: "press", key, rule, dialog, why: `towards "${label}"` };
};

/** An Enter on this dialog is on its way, or was the only one it may get; null if it is not. */
const confirming = (rule: SelectRule, { lastKey, entersHere }: Memory, now: number): Decision | null => {
  if (rule.memory === "once" && entersHere > 0) return wait(null, "this dialog is confirmed once only");
  if (lastKey?.key !== "enter" || lastKey.ruleId !== rule.id) return null;
  const next = lastKey.at + pace.proofWaitMs;
  return now >= next ? null : wait(next, "Enter is on its way");
};

/** Null if the program has paused: what stands there is a whole frame. */
const writing = ({ outputAt }: Memory, now: number): Decision | null => {
  const quiet = outputAt + pace.stillMs;
  return now >= quiet ? null : wait(quiet, "the program is writing");
};

/** Null if Enter may be pressed: the pointer rests where it is. */
const settling = ({ lastKey, pointedSince }: Memory, now: number): Decision | null => {
  const settled = pointedSince + (lastKey === null ? pace.stillMs : pace.settledMs);
  return now >= settled ? null : wait(settled, "the pointer has just moved");
};

/** Null if an arrow may be pressed: the last one was seen to move the pointer, or is lost. */
const moving = ({ lastKey, pointedSince }: Memory, now: number): Decision | null => {
  const moved = lastKey === null || pointedSince >= lastKey.at;
  const next = moved ? pointedSince + pace.stillMs : lastKey.at + pace.arrowRetryMs;
  return now >= next ? null : wait(next, moved ? "the pointer has just moved" : "an arrow is on its way");
};

const wait = (again: number | null, why: string): Decision => ({ type: "wait", again, why });
