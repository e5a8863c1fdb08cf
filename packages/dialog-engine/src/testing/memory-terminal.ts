import type { Stop, Terminal, TerminalExit } from "../ports.ts";

/** The actions of a program in a memory terminal. */
export type MemoryIo = {
  print(data: string): void;
  exit(exit: TerminalExit): void;
  readonly hasExited: boolean;
};

/** A program: how it handles input, a new size (cells) and a signal. */
export type MemoryProgram = {
  readonly onInput?: (data: string) => void;
  readonly onResize?: (columns: number, rows: number) => void;
};

/** A terminal without a PTY: the program is a function in this process. Passes the same contract as a real one. */
export const createMemoryTerminal = (start: (io: MemoryIo) => MemoryProgram): Terminal => {
  const output = createOutput();
  const onExit = new Set<(exit: TerminalExit) => void>();
  let exited: TerminalExit | null = null;

  const io: MemoryIo = {
    print: (data) => {
      if (!exited) output.print(data);
    },
    exit: (exit) => {
      if (exited) return;
      exited = exit;
      for (const listener of [...onExit]) listener(exit);
    },
    get hasExited() {
      return exited !== null;
    },
  };
  const program = start(io);

  return {
    pid: 0,
    write: (data) => {
      if (!exited) program.onInput?.(data);
    },
    resize: (columns, rows) => {
      if (!exited) program.onResize?.(columns, rows);
    },
    kill: (signal = "SIGKILL") => io.exit({ exitCode: 0, signal: signalNumbers[signal] }),
    onData: output.onData,
    onExit: (listener): Stop => {
      onExit.add(listener);
      const gone = exited;
      if (gone) queueMicrotask(() => onExit.has(listener) && listener(gone));
      return () => onExit.delete(listener);
    },
    pause: output.pause,
  };
};

type Output = {
  print(data: string): void;
  onData(listener: (data: string) => void): Stop;
  pause(): Stop;
};

/** A program's output. It waits until there is a listener and no pause. */
const createOutput = (): Output => {
  const listeners = new Set<(data: string) => void>();
  const waiting: string[] = [];
  let pauses = 0;
  const pass = (): void => {
    while (listeners.size > 0 && pauses === 0 && waiting.length > 0) {
      const data = waiting.shift() ?? "";
      for (const listener of [...listeners]) listener(data);
    }
  };
  return {
    print: (data) => {
      waiting.push(data);
      pass();
    },
    onData: (listener) => {
      listeners.add(listener);
      pass();
      return () => listeners.delete(listener);
    },
    pause: () => {
      let isOver = false;
      pauses += 1;
      return () => {
        if (isOver) return;
        isOver = true;
        pauses -= 1;
        pass();
      };
    },
  };
};

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 } as const;
