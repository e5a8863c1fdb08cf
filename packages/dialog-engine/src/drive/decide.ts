import type { Answers, ConsentKind } from "../consents.ts";
import type { Key } from "./keys.ts";
import type { Dialog } from "../locate/locate-dialog.ts";
import type { Memory } from "./memory.ts";
import type { NearMiss, Observation } from "../rules/observe.ts";
import { pace } from "./pace.ts";
import { namesFolder, optionFor } from "../rules/rule-reader.ts";
import type { DriveBlockedCode, RulePack, SelectRule } from "../rules/rule.ts";

type Wait = { readonly type: "wait"; readonly again: number | null; readonly why: string };

/** The next step of a run. At the time `again` (ms) the same screen may lead to another decision. */
export type Decision<Kind extends string = ConsentKind> =
  | Wait
  | {
      readonly type: "press";
      readonly key: Key;
      readonly rule: SelectRule<Kind>;
      readonly dialog: Dialog;
      readonly why: string;
    }
  | { readonly type: "ready" }
  | { readonly type: "answered" }
  | {
      readonly type: "blocked";
      readonly code: DriveBlockedCode;
      readonly dialog: string;
      readonly consent?: Kind;
      /** The answers that this dialog offers for the consent; missing if no answer can be chosen. */
      readonly answers?: readonly string[];
      /** For an unknown dialog: the rules that nearly match. */
      readonly near?: readonly NearMiss[];
    };

export type Blocked<Kind extends string> = Extract<Decision<Kind>, { readonly type: "blocked" }>;

/** Converts the decision into the outcome of the run. */
export const endingOf = <Kind extends string>({
  type: outcome,
  ...screen
}: Blocked<Kind>): Omit<Blocked<Kind>, "type"> & { outcome: "blocked" } => ({ outcome, ...screen });

export type DecisionContext<Kind extends string = ConsentKind> = {
  readonly pack: RulePack<Kind>;
  readonly consents: Answers<Kind>;
  /** The caller named the started folder, and the screen was read with that folder. */
  readonly isFolderSaid: boolean;
  /** The run ends once a question was answered and no other one is shown. Default: false. */
  readonly endsAnswered?: boolean;
  readonly now: number;
};

/**
 * One step of the closed loop: takes the screen and the memory, and returns a decision. It presses a key only
 * if a rule matches the screen, the caller consented, and the screen is still. It presses Enter only while
 * the pointer is on the wanted option.
 */
export const decide = <Kind extends string = ConsentKind>(
  seen: Observation<Kind>,
  memory: Memory,
  context: DecisionContext<Kind>,
): Decision<Kind> => {
  const { pack, now, endsAnswered = false } = context;
  const onceUnchanged = (milliseconds: number, decision: Decision<Kind>): Decision<Kind> =>
    now - memory.screenSince >= milliseconds
      ? decision
      : wait(memory.screenSince + milliseconds, "the screen may still change");

  switch (seen.type) {
    case "nothing":
      return endsAnswered && memory.confirmed.size > 0
        ? onceUnchanged(pack.readyStandsMs, { type: "answered" })
        : wait(null, "nothing is asked");
    case "passing":
      return wait(null, "this screen leaves by itself");
    case "ready":
      return onceUnchanged(pack.readyStandsMs, { type: "ready" });
    case "block": {
      const { code, id, standsMs = pack.deadWindowMs } = seen.rule;
      return onceUnchanged(standsMs, { type: "blocked", code, dialog: id });
    }
    case "yes-no": {
      const dialog = seen.ruleId ?? `${pack.provider}/unknown`;
      return onceUnchanged(pack.deadWindowMs, { type: "blocked", code: "screen-reader-dialog", dialog });
    }
    case "unknown": {
      const dialog = `${pack.provider}/unknown`;
      return onceUnchanged(pace.unknownMs, {
        type: "blocked",
        code: "unknown-dialog",
        dialog,
        near: seen.near,
      });
    }
    case "select":
      return (
        listening(memory, seen.rule.deadWindowMs ?? pack.deadWindowMs, now) ??
        decideSelect(seen, memory, context)
      );
  }
};

const decideSelect = <Kind extends string>(
  { rule, dialog }: Extract<Observation<Kind>, { type: "select" }>,
  memory: Memory,
  { consents, isFolderSaid, now }: DecisionContext<Kind>,
): Decision<Kind> => {
  const answer = memory.given.get(memory.screenId) ?? consents[rule.kind];
  const isCovered = (isFolderSaid || !namesFolder(rule)) && !isSecondQuestion(rule, memory);
  const wanted = answer === undefined || !isCovered ? null : optionFor(rule, answer, dialog);
  if (wanted === null || dialog.pointed === null) {
    const answers = isCovered && dialog.pointed !== null ? offeredBy(rule, dialog) : [];
    const blocked = { type: "blocked", code: "consent-needed", dialog: rule.id, consent: rule.kind } as const;
    return answers.length === 0 ? blocked : { ...blocked, answers };
  }
  if (memory.keysHere >= pace.keysPerDialog || memory.keys >= pace.keysPerRun) {
    return wait(null, "the limit of keys is reached");
  }
  const next =
    confirming(rule, memory, now) ??
    returning(memory, now) ??
    writing(memory, now) ??
    (dialog.pointed === wanted ? settling(memory, now) : moving(memory, now));
  if (next !== null) return next;
  const label = dialog.options[wanted]?.label ?? "";
  if (dialog.pointed === wanted)
    return { type: "press", key: "enter", rule, dialog, why: `the pointer is on "${label}"` };
  const key = dialog.pointed < wanted ? "down" : "up";
  return { type: "press", key, rule, dialog, why: `towards "${label}"` };
};

const offeredBy = (rule: SelectRule<string>, dialog: Dialog): readonly string[] =>
  Object.keys(rule.want).filter((answer) => optionFor(rule, answer, dialog) !== null);

/** One consent to trust covers one question. The same text about the same folder counts as the same question. */
const isSecondQuestion = (rule: SelectRule<string>, { confirmedFirst, screenId }: Memory): boolean => {
  const first = rule.commits ? confirmedFirst.get(rule.kind) : undefined;
  return first !== undefined && first !== screenId;
};

/**
 * Null if the dialog already reads keys. Its dead window starts at the program's last output. On a busy machine
 * Claude Code 2.1.328 wrote for 120 ms after it drew its dialog, and read keys only after that (4 of 80 runs,
 * 16 programs on 2 cores).
 */
const listening = (
  { screenSince, outputAt, keysHere }: Memory,
  deadWindowMs: number,
  now: number,
): Wait | null => {
  if (keysHere > 0) return null;
  const from = Math.min(Math.max(screenSince, outputAt), screenSince + pace.restlessMs);
  return now >= from + deadWindowMs ? null : wait(from + deadWindowMs, "no key is read yet");
};

/** A wait if an Enter for this dialog may still take effect, or if a second Enter is not allowed; else null. */
const confirming = (rule: SelectRule<string>, memory: Memory, now: number): Wait | null => {
  const { lastKey, entersHere, confirmed, screenId } = memory;
  if (rule.memory === "once" && (entersHere > 0 || confirmed.has(screenId)))
    return wait(null, "this dialog is confirmed once only");
  if (lastKey?.key !== "enter" || lastKey.ruleId !== rule.id) return null;
  const next = lastKey.at + pace.proofWaitMs;
  return now >= next ? null : wait(next, "Enter is on its way");
};

/**
 * A wait if a confirmed dialog came back after another screen; else null. Codex 0.101.0 shows its answered trust
 * dialog for another 150 ms when it leaves the alternate screen of the next question.
 */
const returning = ({ confirmed, screenId, screenSince, entersHere }: Memory, now: number): Wait | null => {
  const next = screenSince + pace.proofWaitMs;
  const isBack = entersHere === 0 && confirmed.has(screenId);
  return isBack && now < next ? wait(next, "it was answered, and may be an old frame") : null;
};

/**
 * Null if the program has paused, so the screen is a whole frame. If the program draws all the time, the wait ends
 * once its dialog and the pointed option have been the same for `restlessMs`.
 */
const writing = ({ outputAt, screenSince, pointedSince }: Memory, now: number): Wait | null => {
  const same = Math.max(screenSince, pointedSince);
  const quiet = Math.min(outputAt + pace.stillMs, same + pace.restlessMs);
  return now >= quiet ? null : wait(quiet, "the program is writing");
};

/**
 * Null if the pointer has rested long enough for Enter. A slow program may still undo the move, so the
 * pointer rests for as long as the move took (Claude Code 2.1.328 undoes a move after 50 - 270 ms if the move
 * took 330 - 470 ms).
 */
const settling = ({ pointedSince, restMs }: Memory, now: number): Wait | null => {
  const settled = pointedSince + restMs;
  return now >= settled ? null : wait(settled, "the pointer has just moved");
};

/**
 * Null if an arrow may be pressed: the last arrow has moved the pointer, or counts as lost. Each lost arrow doubles the
 * wait: a program that is held up, as on a busy machine, would else use up the keys of its dialog in 4 s.
 */
const moving = ({ lastKey, pointedSince, arrowAt }: Memory, now: number): Wait | null => {
  const moved = lastKey === null || pointedSince >= lastKey.at;
  const next = moved
    ? pointedSince + pace.stillMs
    : lastKey.at + Math.max(pace.arrowRetryMs, lastKey.at - (arrowAt ?? lastKey.at));
  return now >= next ? null : wait(next, moved ? "the pointer has just moved" : "an arrow is on its way");
};

const wait = (again: number | null, why: string): Wait => ({ type: "wait", again, why });
