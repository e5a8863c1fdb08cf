import type { Stop, Terminal } from "../ports.ts";
import type { Screen } from "./screen.ts";

/** The program is paused while it has more undrawn output than this; UTF-16 units. */
const pauseAbove = 65_536;
/** Maximum output kept for a terminal that cannot be paused. Beyond it, the screen is not read any more. */
const mostWaiting = 16 * 2 ** 20;

/** Passes a program's output to its screen. */
export type Feed = {
  write(data: string): void;
  /** True while output is not on the screen yet, or was lost: the view must not lead to a decision then. */
  isBehind(): boolean;
  /** Resumes a paused program. */
  readonly stop: Stop;
};

/** Draws a program's output, and pauses the program if it writes faster than that. */
export const feedScreen = (terminal: Pick<Terminal, "pause">, screen: Screen): Feed => {
  let waiting = 0;
  let resume: Stop | undefined;
  let isLost = false;
  const resumeProgram = (): void => {
    waiting = 0;
    resume?.();
    resume = undefined;
  };
  const stopDrain = screen.onDrain(resumeProgram);
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
      resumeProgram();
    },
  };
};
