import { impliedConsents, type Answers, type ConsentKind } from "../consents.ts";
import { decide, type Decision } from "../drive/decide.ts";
import { emptyMemory } from "../drive/memory.ts";
import { pace } from "../drive/pace.ts";
import { labelsOf, observe, type Observation } from "../rules/observe.ts";
import type { Cast } from "./recording.ts";
import type { RulePack } from "../rules/rule.ts";
import { createScreen } from "../screen/screen.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";

/** One stable screen of a recording: what the pack recognises in it, and what the engine would do. */
export type ExplainedScreen<Kind extends string = ConsentKind> = {
  /** Milliseconds since the recording's start. */
  readonly at: number;
  readonly rows: readonly string[];
  readonly seen: Observation<Kind>;
  readonly decision: Decision<Kind>;
  /** The keys that were pressed on it in the recording, as sent. */
  readonly pressed: readonly string[];
};

/**
 * Replays a recording and explains each stable screen: the rule that matched or nearly matched, and the decision.
 * Consecutive screens that mean the same to the pack are reported once. A recording does not name the started
 * folder: without `folder`, any folder that a dialog names counts as started.
 */
export const explainCast = <Kind extends string = ConsentKind>(
  cast: Cast,
  pack: RulePack<Kind>,
  consents: Answers<Kind> = impliedConsents as Answers<string>,
  folder?: StartedFolder,
): ExplainedScreen<Kind>[] => {
  const { width, height } = cast.header;
  const screen = createScreen(width, height);
  const explained: ExplainedScreen<Kind>[] = [];
  const answered = new Set<string>();
  let lastKey = "";
  const explain = (at: number): void => {
    const { rows } = screen.view();
    const seen = observe(rows, pack, width, { folder, answered: (labels) => answered.has(labels) });
    const key = keyOf(seen, rows);
    if (key === lastKey) return;
    lastKey = key;
    const memory = emptyMemory(Number.NEGATIVE_INFINITY);
    explained.push({
      at,
      rows,
      seen,
      decision: decide(seen, memory, { pack, consents, isFolderSaid: true, now: 0 }),
      pressed: [],
    });
  };

  const events = cast.events.filter(([, kind]) => kind !== "m");
  events.forEach(([seconds, kind, data], at) => {
    if (kind === "o") screen.write(data);
    if (kind === "i") {
      const last = explained.at(-1);
      if (last) explained[explained.length - 1] = { ...last, pressed: [...last.pressed, data] };
      if (last && data === "\r" && "dialog" in last.seen) answered.add(labelsOf(last.seen.dialog));
    }
    const next = events[at + 1];
    const isStill = next === undefined || next[1] === "i" || (next[0] - seconds) * 1000 >= pace.stillMs;
    if (kind === "o" && isStill) explain(Math.round(seconds * 1000));
  });
  screen.dispose();
  return explained;
};

const keyOf = (seen: Observation<string>, rows: readonly string[]): string => {
  const rule = "rule" in seen ? seen.rule.id : "";
  if ("dialog" in seen) return `${seen.type} ${rule} ${seen.dialog.question} ${seen.dialog.pointed}`;
  return `${seen.type} ${rule} ${seen.type === "nothing" ? rows.join("\n") : ""}`;
};
