import type { Stop, Terminal } from "../ports.ts";
import type { Screen } from "./screen.ts";

/** A program whose output waits to be drawn is paused from here on; UTF-16 units. */
const pauseAbove = 65_536;
/** So much is kept of one whose terminal cannot be paused. It is no longer looked at if it writes further ahead. */
const mostWaiting = 16 * 2 ** 20;

/** The way from a program's output to its screen. */
export type Feed = {
  write(data: string): void;
  /** Output is not on the screen yet, or was lost: nothing may be decided from the view. */
  isBehind(): boolean;
  /** Lets a paused program go on. */
  readonly stop: Stop;
};

/** Draws a program's output, and keeps it waiting where it writes faster than that. */
export const feedScreen = (terminal: Pick<Terminal, "pause">, screen: Screen): Feed => {
  let waiting = 0;
  let resume: Stop | undefined;
  let isLost = false;
  const goOn = (): void => {
    waiting = 0;
    resume?.();
    resume = undefined;
  };
  const stopDrain = screen.onDrain(goOn);
  return {
    write: (data) => {
      isLost ||= waiting > mostWaiting;
      if (isLost) return;
      screen.write(data);
      if (!screen.isBusy()) return;
      waiting += data.length;
      if (waiting > pauseAbove) resume ??= terminal.pause?.();
    },
    isBehind: () => isLost || screen.isBusy(),
    stop: () => {
      stopDrain();
      goOn();
    },
  };
};
