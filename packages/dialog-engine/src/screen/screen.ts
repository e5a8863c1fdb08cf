import type { ITerminalAddon } from "@xterm/headless";
import { createBoundedTerminal } from "./bounded-terminal.ts";
import { cutOverlongStrings } from "./overlong-strings.ts";
import type { Stop } from "../ports.ts";
import { answerQueries } from "./terminal-queries.ts";
import { visibleRows } from "./visible-rows.ts";

/**
 * The screen as a person sees it: one string per row, trailing blank space removed, exactly `rows` of them.
 */
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
  /** True while written output is not on the screen yet: the view must not lead to a decision then. */
  isBusy(): boolean;
  /** Called each time all written output is on the screen. */
  onDrain(listener: () => void): Stop;
  /**
   * The replies that a real terminal would send to the program (device attributes, colours, cursor position).
   */
  onReply(listener: (data: string) => void): Stop;
  view(): ScreenView;
  /** Loads an addon of xterm's into the model, for example `@xterm/addon-serialize`. It may only read. */
  load(addon: ITerminalAddon): void;
  dispose(): void;
};

/** Characters that are drawn at once: a PTY delivers 4096 bytes at a time on Linux. */
const pieceLength = 4_096;
/**
 * The piece length holds for this many cells. On larger screens a line feed costs more, so a piece is
 * shorter.
 */
const pieceArea = 120 * 40;
/** Output beyond these pieces is drawn later, at xterm's own pace: 12 ms of work, then other tasks. */
const piecesAtOnce = 2;

/** A screen of the given size in cells, without scrollback: a program can only ask about what is visible. */
export const createScreen = (columns = 120, rows = 40): Screen => {
  const { terminal, rest, isInString } = createBoundedTerminal(columns, rows);
  const strings = cutOverlongStrings(isInString);
  const drained = new Set<() => void>();
  let unparsed = 0;

  const parsed = (length: number): void => {
    unparsed -= 1;
    strings.parsed(length);
    if (unparsed > 0) return;
    rest();
    for (const listener of [...drained]) listener();
  };

  return {
    write: (data) => {
      const wasDrained = unparsed === 0;
      const pieces = piecesOf(wasDrained ? strings.cut(data) : data, terminal.cols * terminal.rows);
      unparsed += pieces.length;
      for (const [at, piece] of pieces.entries()) {
        // xterm parses at once after a person's input, and on a timer otherwise. An empty input counts as such.
        if (wasDrained && at < piecesAtOnce) terminal.input("", true);
        terminal.write(piece, () => parsed(piece.length));
      }
    },
    resize: (nextColumns, nextRows) => terminal.resize(nextColumns, nextRows),
    isBusy: () => unparsed > 0,
    onDrain: (listener) => {
      drained.add(listener);
      return () => drained.delete(listener);
    },
    onReply: (listener) => {
      const own = terminal.onData((data) => data === "" || listener(data));
      const others = answerQueries(terminal, listener);
      return () => {
        own.dispose();
        others();
      };
    },
    view: () => ({
      rows: visibleRows(terminal.buffer.active, terminal.rows),
      columns: terminal.cols,
      applicationCursorKeys: terminal.modes.applicationCursorKeysMode,
    }),
    load: (addon) => terminal.loadAddon(addon),
    dispose: () => terminal.dispose(),
  };
};

const piecesOf = (data: string, area: number): readonly string[] => {
  const length = Math.min(pieceLength, Math.max(256, Math.floor((pieceLength * pieceArea) / area)));
  if (data.length <= length) return [data];
  return Array.from({ length: Math.ceil(data.length / length) }, (_, at) =>
    data.slice(at * length, (at + 1) * length),
  );
};
