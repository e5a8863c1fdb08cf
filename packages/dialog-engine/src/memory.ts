import type { ConsentKind } from "./consents.ts";
import type { Key } from "./keys.ts";
import type { Dialog } from "./locate-dialog.ts";
import { labelsOf, type Observation } from "./observe.ts";
import { pace } from "./pace.ts";
import type { SelectRule } from "./rules/rule.ts";

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
  /** When the first arrow went out that has not moved the pointer yet. */
  readonly arrowAt: number | null;
  /** The longest that this dialog took to move the pointer: so long it must rest before an Enter. */
  readonly restMs: number;
  readonly keysHere: number;
  readonly entersHere: number;
  readonly keys: number;
  /** Labels (`labelsOf`) of the dialogs that were confirmed: they may stay on the screen. */
  readonly answered: ReadonlySet<string>;
  /** What stood there (`standing`) at each Enter: it may come back for a moment, as an old frame. */
  readonly confirmed: ReadonlySet<string>;
  /** What stood there at the first Enter of each kind. */
  readonly confirmedFirst: ReadonlyMap<ConsentKind, string>;
  /** How often the pointer of this dialog moved although no arrow was on its way. */
  readonly strays: number;
};

export const emptyMemory = (now: number): Memory => ({
  standing: "",
  standingSince: now,
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
  strays: 0,
});

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
 * The pointer is elsewhere now. One that moves by itself must rest long: else an Enter meets it on its way. Undoing one
 * move of ours is what 2.1.328 does when it mounts its dialog again.
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
  arrowAt: key === "enter" ? null : (memory.arrowAt ?? now),
  keysHere: memory.keysHere + 1,
  keys: memory.keys + 1,
  entersHere: memory.entersHere + (key === "enter" ? 1 : 0),
  answered: key === "enter" ? new Set([...memory.answered, labelsOf(dialog)]) : memory.answered,
  confirmed: key === "enter" ? new Set([...memory.confirmed, memory.standing]) : memory.confirmed,
  confirmedFirst:
    key === "enter" && !memory.confirmedFirst.has(rule.kind)
      ? new Map([...memory.confirmedFirst, [rule.kind, memory.standing]])
      : memory.confirmedFirst,
});
