import type { Terminal, TerminalExit } from "../ports.ts";

/** The programs that the contract needs. Each terminal's test provides its own. */
export type ContractProgram =
  /** Prints "ready", and "heard <line>" for each line it reads. */
  | "echo"
  /** Prints "bye" and exits with 7. */
  | "exit-7"
  /** Prints "ready" and then nothing more. */
  | "quiet"
  /** Prints "ready", and "size <columns>x<rows>" each time its size changes. */
  | "size";

export type OpenProgram = (program: ContractProgram) => Promise<Terminal>;

/** One case. `check` rejects with the reason if the terminal breaks it. */
export type ContractCase = { readonly title: string; readonly check: (open: OpenProgram) => Promise<void> };

/**
 * The requirements of the engine on every terminal, for any test runner:
 * `for (const { title, check } of terminalContract) test(title, () => check(open));`
 */
export const terminalContract: readonly ContractCase[] = [
  {
    title: "passes on what the program prints",
    check: async (open) => {
      const terminal = await open("quiet");
      await heard(terminal, "ready");
      terminal.kill();
    },
  },
  {
    title: "passes input to the program",
    check: async (open) => {
      const terminal = await open("echo");
      await heard(terminal, "ready");
      terminal.write("one\r");
      await heard(terminal, "heard one");
      terminal.kill();
    },
  },
  {
    title: "reports the exit code, also to a listener that is added later",
    check: async (open) => {
      const terminal = await open("exit-7");
      same((await ended(terminal)).exitCode, 7);
      same((await ended(terminal)).exitCode, 7);
    },
  },
  {
    title: "ends the program on kill",
    check: async (open) => {
      const terminal = await open("quiet");
      await heard(terminal, "ready");
      terminal.kill();
      same((await ended(terminal)).signal, 9);
    },
  },
  {
    title: "sends no more output to a listener that was removed",
    check: async (open) => {
      const terminal = await open("echo");
      await heard(terminal, "ready");
      const late: string[] = [];
      terminal.onData((data) => late.push(data))();
      terminal.write("two\r");
      await heard(terminal, "heard two");
      same(late.join(""), "");
      terminal.kill();
    },
  },
  {
    title: "does not report the exit to a listener that was removed before or after it",
    check: async (open) => {
      const terminal = await open("quiet");
      await heard(terminal, "ready");
      const exits: TerminalExit[] = [];
      terminal.onExit((exit) => exits.push(exit))();
      terminal.kill();
      await ended(terminal);
      terminal.onExit((exit) => exits.push(exit))();
      await ended(terminal);
      same(exits.length, 0);
    },
  },
  {
    title: "passes a new size to the program",
    check: async (open) => {
      const terminal = await open("size");
      await heard(terminal, "ready");
      terminal.resize(100, 30);
      await heard(terminal, "size 100x30");
      terminal.kill();
    },
  },
  {
    title: "holds back a paused program's output, without loss, until every caller has resumed it",
    check: async (open) => {
      const terminal = await open("echo");
      if (terminal.pause === undefined) return terminal.kill();
      await heard(terminal, "ready");
      const resume = [terminal.pause(), terminal.pause()];
      let late = "";
      terminal.onData((data) => (late += data));
      terminal.write("one\r");
      resume[0]?.();
      resume[0]?.();
      await roundTrip(open);
      same(late, "");
      const all = heard(terminal, "heard one");
      resume[1]?.();
      await all;
      terminal.kill();
    },
  },
  {
    title: "reports the exit of a paused program",
    check: async (open) => {
      const terminal = await open("quiet");
      await heard(terminal, "ready");
      const resume = terminal.pause?.();
      terminal.kill();
      same((await ended(terminal)).signal, 9);
      resume?.();
    },
  },
  {
    title: "does nothing on write, resize, pause or kill after the exit",
    check: async (open) => {
      const terminal = await open("exit-7");
      await ended(terminal);
      terminal.write("late\r");
      terminal.resize(80, 24);
      terminal.pause?.()();
      terminal.kill();
      same((await ended(terminal)).exitCode, 7);
    },
  },
];

const heard = (terminal: Terminal, text: string): Promise<void> =>
  new Promise((resolve) => {
    let all = "";
    const stop = terminal.onData((data) => {
      all += data;
      if (!all.includes(text)) return;
      // A terminal may pass on early output while it subscribes: `stop` exists from the next turn on.
      queueMicrotask(() => stop());
      resolve();
    });
  });

/** Takes as long as another program needs to read a line and to answer it. */
const roundTrip = async (open: OpenProgram): Promise<void> => {
  const other = await open("echo");
  await heard(other, "ready");
  other.write("two\r");
  await heard(other, "heard two");
  other.kill();
};

const ended = (terminal: Terminal): Promise<TerminalExit> =>
  new Promise((resolve) => {
    terminal.onExit(resolve);
  });

const same = (found: unknown, expected: unknown): void => {
  if (found !== expected) throw new Error(`expected ${String(expected)}, found ${String(found)}`);
};
