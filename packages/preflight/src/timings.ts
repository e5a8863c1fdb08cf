import type { DriveEvent } from "@trust/dialog-engine";
import type { Timings } from "./report.ts";

/** The stages of one run, ms, from the engine's events. `startMs` is the time before the engine began. */
export const timingsFrom = (
  events: readonly DriveEvent[],
  { startMs, settleMs }: { readonly startMs: number; readonly settleMs: number },
): Timings => {
  const at = (holds: (event: DriveEvent) => boolean): number | undefined => events.find(holds)?.at;
  const dialog = at(({ type }) => type === "dialog");
  const asked = at((event) => event.type === "turn" && event.state === "asked");
  const taken = at((event) => event.type === "turn" && event.state === "taken");
  const end = at(({ type }) => type === "end");
  const between = (from: number | undefined, to: number | undefined): number =>
    from === undefined || to === undefined ? 0 : to - from;
  return {
    lockWaitMs: between(asked, taken ?? end),
    spawnToDialogMs: dialog === undefined ? 0 : startMs + dialog,
    decideMs: between(dialog, asked),
    commitMs: between(taken, end),
    settleMs,
  };
};

/** True if a confirming key was sent after the run got its turn. */
export const hasConfirmed = (events: readonly DriveEvent[]): boolean => {
  const taken = events.findIndex((event) => event.type === "turn" && event.state === "taken");
  return taken >= 0 && events.slice(taken).some((event) => event.type === "key" && event.key === "enter");
};
