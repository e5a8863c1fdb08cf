import type { Key } from "./keys.ts";
import type { Dialog } from "../locate/locate-dialog.ts";
import { labelsOf, type Observation } from "../rules/observe.ts";
import { pace } from "./pace.ts";
import type { SelectRule } from "../rules/rule.ts";

/** The state that a run carries from one read of the screen to the next. Times in milliseconds on the run's clock. */
export type Memory = {
  /** Identity of the screen: the rule that matches it, and the question of its dialog. */
  readonly screenId: string;
  /** When the screen got this identity. */
  readonly screenSince: number;
  readonly pointed: number | null;
  readonly pointedSince: number;
  /** When the program last wrote. Any output may be the start of another frame. */
  readonly outputAt: number;
  readonly lastKey: { readonly key: Key; readonly at: number; readonly ruleId: string } | null;
  /** When the run sent the first arrow that has not moved the pointer yet. */
  readonly arrowAt: number | null;
  /** The longest time that this dialog took to move the pointer. The pointer rests this long before an Enter. */
  readonly restMs: number;
  readonly keysHere: number;
  readonly entersHere: number;
  readonly keys: number;
  /** Labels (`labelsOf`) of the confirmed dialogs, which may stay on the screen. */
  readonly answered: ReadonlySet<string>;
  /** The `screenId` at each Enter. Such a screen may come back for a moment, as an old frame. */
  readonly confirmed: ReadonlySet<string>;
  /** The `screenId` at the first Enter of each kind. */
  readonly confirmedFirst: ReadonlyMap<string, string>;
  /** The caller's answers while the run waited, by the `screenId` of the question. */
  readonly given: ReadonlyMap<string, string>;
  /** How often the pointer of this dialog moved without an arrow. */
  readonly strays: number;
};

export const emptyMemory = (now: number): Memory => ({
  screenId: "",
  screenSince: now,
  pointed: null,
  pointedSince: now,
  outputAt: now,
  lastKey: null,
  arrowAt: null,
  restMs: pace.stillMs,
  keysHere: 0,
  entersHere: 0,
  keys: 0,
  answered: new Set(),
  confirmed: new Set(),
  confirmedFirst: new Map(),
  given: new Map(),
  strays: 0,
});

/** The memory after a read of the screen. A new screen starts its own count of keys. */
export const remember = (memory: Memory, seen: Observation<string>, now: number): Memory => {
  const screenId = screenIdOf(seen);
  const pointed = "dialog" in seen ? seen.dialog.pointed : null;
  if (screenId !== memory.screenId) {
    return {
      ...memory,
      screenId,
      screenSince: now,
      pointed,
      pointedSince: now,
      arrowAt: null,
      restMs: pace.stillMs,
      keysHere: 0,
      entersHere: 0,
      strays: 0,
    };
  }
  return pointed === memory.pointed ? memory : movedTo(memory, pointed, now);
};

/**
 * The memory after the pointer moved. A pointer that moves by itself must rest for long, or an Enter may
 * confirm another option. One exception: Claude Code 2.1.328 undoes one of our moves when it mounts its
 * dialog again.
 */
const movedTo = (memory: Memory, pointed: number | null, now: number): Memory => {
  const { arrowAt, keysHere } = memory;
  const strays = memory.strays + (arrowAt === null ? 1 : 0);
  const took = arrowAt === null ? 0 : now - arrowAt;
  const rest = strays > (keysHere > 0 ? 1 : 0) ? pace.strayMs : 0;
  return {
    ...memory,
    pointed,
    pointedSince: now,
    arrowAt: null,
    restMs: Math.max(memory.restMs, took, rest),
    strays,
  };
};

const screenIdOf = (seen: Observation<string>): string => {
  const rule = "rule" in seen ? seen.rule.id : "";
  return `${seen.type} ${rule} ${"dialog" in seen ? seen.dialog.question : ""}`;
};

/** The memory after a key was sent. */
export const pressed = (
  memory: Memory,
  key: Key,
  { rule, dialog }: { readonly rule: SelectRule<string>; readonly dialog: Dialog },
  now: number,
): Memory => ({
  ...memory,
  lastKey: { key, at: now, ruleId: rule.id },
  arrowAt: key === "enter" ? null : (memory.arrowAt ?? now),
  keysHere: memory.keysHere + 1,
  keys: memory.keys + 1,
  entersHere: memory.entersHere + (key === "enter" ? 1 : 0),
  answered: key === "enter" ? new Set([...memory.answered, labelsOf(dialog)]) : memory.answered,
  confirmed: key === "enter" ? new Set([...memory.confirmed, memory.screenId]) : memory.confirmed,
  confirmedFirst:
    key === "enter" && !memory.confirmedFirst.has(rule.kind)
      ? new Map([...memory.confirmedFirst, [rule.kind, memory.screenId]])
      : memory.confirmedFirst,
});

/** The memory after the caller gave an answer for a screen. */
export const withAnswer = (memory: Memory, screenId: string, answer: string): Memory => ({
  ...memory,
  given: new Map([...memory.given, [screenId, answer]]),
});
