import {
  createReplyLimit,
  createScreen,
  feedScreen,
  observe,
  type Clock,
  type RulePack,
  type StartedFolder,
  type Stop,
  type Terminal,
} from "@trust/dialog-engine";
import { questionsIn } from "./questions-in.ts";
import { readSight, type Sight, type Sighting } from "./read-sight.ts";

/**
 * Milliseconds. An agent that has shown no prompt by then is at work, and its output can look like any
 * dialog.
 */
export const startingMs = 60_000;

export type ScreenWatch = {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Null to read no screens. */
  readonly pack: RulePack | null;
  /**
   * True if the folder is known to be trusted. If false, a question about trust may still come after a
   * prompt.
   */
  readonly isProven: boolean;
  /** A trust dialog about another folder counts as an unknown question. */
  readonly folder: StartedFolder;
  /**
   * Called once for each sight. After "ready" it is called only for a question about trust, and only if one
   * may still come.
   */
  readonly onSight: (sight: Sight) => void;
};

export type Watching = {
  /** The current sight if it was not reported yet, for a program that has ended. */
  readonly last: () => Sight | null;
  /** The rows of the screen, with all output that is drawn so far. */
  readonly rows: () => readonly string[];
  readonly stop: Stop;
};

/**
 * Watches the screen of a starting agent. It writes only a terminal's replies to the program's queries, for
 * as long as the program runs, because no other terminal answers them. After the last screen to recognise, it
 * reads only these queries, and answers with the last known cursor position.
 */
export const watchScreen = ({ terminal, clock, pack, isProven, folder, onSight }: ScreenWatch): Watching => {
  const screen = createScreen();
  const feed = feedScreen(terminal, screen);
  const mayReply = createReplyLimit(clock);
  const questions = questionsIn();
  const reported = new Set<string>();
  let current: Sighting | null = null;
  let stopTimer: Stop = () => {};
  let readsFor: "all" | "trust" | "nothing" = pack === null ? "nothing" : "all";
  let isDrawn = true;

  const stopReading = (): void => {
    readsFor = "nothing";
    isDrawn = false;
    stopTimer();
  };

  const tell = (sighting: Sighting): void => {
    // Output may still be in the queue, because this timer fired first.
    if (feed.isBehind()) return wait(sighting, 1);
    reported.add(nameOf(sighting));
    if (sighting.sight.type === "ready") {
      if (isProven) stopReading();
      else readsFor = "trust";
    }
    onSight(sighting.sight);
  };

  const wait = (sighting: Sighting, milliseconds: number): void => {
    stopTimer = clock.after(milliseconds, () => tell(sighting));
  };

  const look = (): void => {
    if (readsFor === "nothing" || pack === null) return;
    const { rows, columns } = screen.view();
    const read = readSight(observe(rows, pack, columns, { folder }), pack);
    const seen = readsFor === "all" || read?.sight.type === "trust" ? read : null;
    if (nameOf(seen) === nameOf(current)) return;
    stopTimer();
    current = seen;
    if (seen !== null && !reported.has(nameOf(seen))) wait(seen, seen.standsMs);
  };

  const stops = [
    screen.onDrain(look),
    screen.onReply((data) => mayReply() && terminal.write(data)),
    terminal.onData((data) => feed.write(isDrawn ? data : questions(data))),
    clock.after(startingMs, stopReading),
    feed.stop,
  ];
  return {
    rows: () => screen.view().rows,
    last: () => (current === null || reported.has(nameOf(current)) ? null : current.sight),
    stop: () => {
      stopTimer();
      for (const stop of stops) stop();
      screen.dispose();
    },
  };
};

const nameOf = (sighting: Sighting | null): string => {
  if (sighting === null) return "";
  const { sight } = sighting;
  return "dialog" in sight ? `${sight.type} ${sight.dialog}` : sight.type;
};
