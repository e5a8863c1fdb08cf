import type { Observation } from "../rules/observe.ts";
import { pace } from "./pace.ts";

/** The last screen that counted as whole, when it was read, and when the program last wrote. Milliseconds. */
type LastRead = { readonly seen: Observation<string>; readonly readAt: number; readonly outputAt: number };

/**
 * True if the screen counts as part of a frame. A program that redraws its dialog all the time is also read
 * in the middle of a redraw; this must not end the dialog.
 */
export const isPartOfFrame = (seen: Observation<string>, last: LastRead, now: number): boolean => {
  if (last.seen.type !== "select" || now >= last.outputAt + pace.stillMs) return false;
  const isPart =
    seen.type === "nothing" ||
    (seen.type === "unknown" && seen.dialog.type === "keys") ||
    (seen.type === "unknown" && last.seen.dialog.question.startsWith(seen.dialog.question));
  return isPart && now < last.readAt + pace.redrawMs;
};
