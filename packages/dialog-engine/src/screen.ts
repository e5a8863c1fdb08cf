import xterm from "@xterm/headless";
import type { Stop } from "./ports.ts";
import { answerQueries } from "./terminal-queries.ts";
import { visibleRows } from "./visible-rows.ts";

/** What a person would see: one string a row, trailing blank space removed, exactly `rows` of them. */
export type ScreenView = {
  readonly rows: readonly string[];
  readonly columns: number;
  /** DECCKM: the program reads arrows as SS3 (`ESC O A`), not CSI. */
  readonly applicationCursorKeys: boolean;
};

/** A terminal's screen, fed with a program's output. */
export type Screen = {
  write(data: string): void;
  resize(columns: number, rows: number): void;
  /** True while written output is not on the screen yet: nothing may be decided from the view then. */
  isBusy(): boolean;
  /** Called each time all written output is on the screen. */
  onDrain(listener: () => void): Stop;
  /** What a real terminal would send back to the program (device attributes, colours, cursor position). */
  onReply(listener: (data: string) => void): Stop;
  view(): ScreenView;
  dispose(): void;
};

/** A screen of the given size in cells, without scrollback: only what is visible can be asked a question about. */
export const createScreen = (columns = 120, rows = 40): Screen => {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    allowProposedApi: true,
    windowOptions: { getWinSizeChars: true },
    logLevel: "off",
  });
  const drained = new Set<() => void>();
  let unparsed = 0;

  const parsed = (): void => {
    unparsed -= 1;
    if (unparsed === 0) for (const listener of [...drained]) listener();
  };

  return {
    write: (data) => {
      // xterm parses at once what follows a person's input, and on a timer else: an empty input is that signal.
      if (unparsed === 0) terminal.input("", true);
      unparsed += 1;
      terminal.write(data, parsed);
    },
    resize: (nextColumns, nextRows) => terminal.resize(nextColumns, nextRows),
    isBusy: () => unparsed > 0,
    onDrain: (listener) => {
      drained.add(listener);
      return () => drained.delete(listener);
    },
    onReply: (listener) => {
      const own = terminal.onData((data) => data === "" || listener(data));
      const rest = answerQueries(terminal, listener);
      return () => {
        own.dispose();
        rest();
      };
    },
    view: () => ({
      rows: visibleRows(terminal.buffer.active, terminal.rows),
      columns: terminal.cols,
      applicationCursorKeys: terminal.modes.applicationCursorKeysMode,
    }),
    dispose: () => terminal.dispose(),
  };
};
