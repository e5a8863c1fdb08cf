import type { ITerminalAddon, IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { createBoundedTerminal } from "./bounded-terminal.ts";
import type { Stop } from "../ports.ts";
import { answerQueries } from "./terminal-queries.ts";

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

/**
 * Maximum length of a title or another string that a sequence carries; UTF-16 units. The rest is cut. xterm 6.0.0 keeps
 * up to 10 million units, 32 bytes each.
 */
const longestString = 65_536;

/** Characters that end a string, or may: BEL, CAN, SUB, ESC and the 8-bit controls. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const stringEnd = /[\u0007\u0018\u001a\u001b\u0080-\u009f]/u;

/** Cuts a string that is too long before it reaches a terminal. The rest of the output is unchanged. */
type OverlongStrings = {
  /** Reports how many units were parsed. */
  parsed(length: number): void;
  /** The part of this output that the terminal needs. Call it only after all earlier output is parsed. */
  cut(output: string): string;
};

/** `isInString`: the parser is inside OSC or DCS. */
const cutOverlongStrings = (isInString: () => boolean): OverlongStrings => {
  let length = 0;
  return {
    parsed: (more) => {
      length = isInString() ? length + more : 0;
    },
    cut: (output) => {
      if (length <= longestString) return output;
      const at = output.search(stringEnd);
      return at < 0 ? "" : output.slice(at);
    },
  };
};

/**
 * The rows of a screen as a person sees them, trailing blank space removed. Concealed text (SGR 8), and text
 * in the colour of its own background, is blank. An invisible pointer does not count as a pointer.
 */
const visibleRows = (buffer: IBuffer, rows: number): string[] => {
  const cell = buffer.getNullCell();
  return Array.from({ length: rows }, (_, row) => {
    const line = buffer.getLine(buffer.viewportY + row);
    return line === undefined ? "" : visibleText(line, cell);
  });
};

const visibleText = (line: IBufferLine, cell: IBufferCell): string => {
  const text = line.translateToString(true);
  if (text === "" || !hidesAnything(line, cell)) return text;
  const cells = Array.from({ length: line.length }, (_, at) => charactersOf(line.getCell(at, cell)));
  return cells.join("").trimEnd();
};

const hidesAnything = (line: IBufferLine, cell: IBufferCell): boolean => {
  for (let at = 0; at < line.length; at += 1) {
    const read = line.getCell(at, cell);
    if (read !== undefined && isHidden(read)) return true;
  }
  return false;
};

/** The second cell of a wide character has no width and no text. */
const charactersOf = (cell: IBufferCell | undefined): string => {
  if (cell === undefined || cell.getWidth() === 0) return "";
  const blank = " ".repeat(cell.getWidth());
  return isHidden(cell) ? blank : cell.getChars() || blank;
};

const isHidden = (cell: IBufferCell): boolean =>
  cell.isInvisible() !== 0 ||
  (!cell.isFgDefault() &&
    cell.getFgColorMode() === cell.getBgColorMode() &&
    cell.getFgColor() === cell.getBgColor());
