import { createScreen, type Terminal } from "@trust/dialog-engine";
import { openPty } from "@trust/dialog-engine/node";
import { expect, onTestFinished } from "vitest";

/** A terminal of 100 x 30 with a simulated person: reads the screen and types. */
export type UserTerminal = {
  readonly pty: Terminal;
  /** All output since the start. */
  readonly output: () => string;
  /** The current rows of the screen. */
  readonly rows: () => readonly string[];
  readonly sees: (text: string | RegExp) => Promise<void>;
  readonly resize: (columns: number, rows: number) => void;
  /** Resolves to its program's exit code. */
  readonly ended: Promise<number>;
};

export type UserProgram = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
};

/** Runs a program in a terminal that ends with the test. */
export const openTerminal = async (program: UserProgram): Promise<UserTerminal> => {
  const [columns, rows] = [100, 30];
  const opened = await openPty({ ...program, columns, rows });
  if (!opened.ok) return expect.fail(opened.error.message);
  const pty = opened.value;
  onTestFinished(() => pty.kill());
  const screen = createScreen(columns, rows);
  let output = "";
  screen.onReply((data) => pty.write(data));
  pty.onData((data) => {
    output += data;
    screen.write(data);
  });
  return {
    pty,
    output: () => output,
    rows: () => screen.view().rows,
    sees: (text) => expect.poll(() => screen.view().rows.join("\n"), { interval: 5 }).toMatch(text),
    resize: (wide, high) => {
      screen.resize(wide, high);
      pty.resize(wide, high);
    },
    ended: new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
  };
};
