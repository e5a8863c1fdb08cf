import { clearScreenDown, cursorTo, moveCursor, type Interface } from "node:readline";
import type { ChatClientOptions } from "./chat-mode.ts";
import { foreignRows, hostRows } from "./rows.ts";

type ScreenContext = Pick<ChatClientOptions, "io"> & {
  readonly terminal: NodeJS.WritableStream;
  /** True after Ctrl-D: no more input follows. */
  readonly isOver: () => boolean;
};

/** Most rows of a text that is still being written. */
const mostRows = 10;

export type LinesAbove = {
  /** Lines of the host, to the terminal. */
  readonly print: (text: string) => void;
  /** A text in marked rows, or of rows that are known as the host's, for this many columns. It is drawn again when the width changes. */
  readonly printForeign: (rowsFor: (columns: number) => readonly string[]) => void;
  /** Lines of this client, to stderr. */
  readonly note: (text: string) => void;
  /** The end of what an agent is writing, between the other lines and the line being typed; empty removes it. */
  readonly preview: (text: string) => void;
  /** Nothing is written after it. */
  readonly stop: () => void;
};

type Output = { write(text: string): unknown };

type RowsFor = (columns: number) => readonly string[];

/** Most texts that are drawn again after a change of the width. */
const mostKept = 100;

/**
 * Rows that the terminal does not wrap even where it takes a character for wider than we do: such a row loses its end
 * (DECAWM of the VT100).
 */
const unwrapped = (rows: readonly string[]): string =>
  rows.length === 0 ? "" : `\u001b[?7l${rows.join("\n")}\n\u001b[?7h`;

/** Writes above the line being typed. */
export const linesAbove = (prompt: Interface, { terminal, io, isOver }: ScreenContext): LinesAbove => {
  let isStopped = false;
  let drawn: readonly string[] = [];
  const shown: RowsFor[] = [];
  const above = (write: () => void, rows: readonly string[] = drawn): void => {
    if (isStopped) return;
    const isRead = isOver();
    if (isRead && drawn.length === 0) return write();
    // A long line that is being typed has rows of its own; the prompt moves up by as many when it is written again.
    const typed = isRead ? 0 : prompt.getCursorPos().rows;
    moveCursor(terminal, 0, -(typed + drawn.length));
    cursorTo(terminal, 0);
    clearScreenDown(terminal);
    write();
    drawn = isRead ? [] : rows;
    if (isRead) return;
    terminal.write([...rows, ...Array<string>(typed).fill("")].map((row) => `${row}\n`).join(""));
    prompt.prompt(true);
  };
  const show = (output: Output, rowsFor: RowsFor): void => {
    shown.push(rowsFor);
    if (shown.length > mostKept) shown.shift();
    above(() => void output.write(unwrapped(rowsFor(columnsOf(terminal)))));
  };
  // A terminal that becomes narrower wraps what it shows, and the new rows have no marks.
  const redraw = (): void => {
    if (isStopped || isOver()) return;
    const columns = columnsOf(terminal);
    const typed = prompt.getCursorPos().rows;
    const room = Math.max(1, rowsOf(terminal) - 2 - typed);
    const rows: string[] = [];
    for (const rowsFor of shown.toReversed()) {
      if (rows.length >= room) break;
      rows.unshift(...rowsFor(columns));
    }
    drawn = [];
    cursorTo(terminal, 0, 0);
    clearScreenDown(terminal);
    terminal.write(unwrapped(rows.slice(-room)));
    terminal.write("\n".repeat(typed));
    prompt.prompt(true);
  };
  terminal.on("resize", redraw);
  return {
    print: (text: string): void => show(terminal, (columns) => hostRows(text, columns)),
    printForeign: (rowsFor): void => show(terminal, rowsFor),
    note: (text: string): void => show(io.stderr, (columns) => hostRows(text, columns)),
    preview: (text: string): void => {
      // A row that the terminal wraps could not be removed again.
      const all = isOver() || text === "" ? [] : foreignRows(text, columnsOf(terminal));
      const rows = all.slice(-roomOf(terminal));
      if (rows.join("\n") !== drawn.join("\n")) above(() => {}, rows);
    },
    stop: (): void => {
      if (drawn.length > 0) above(() => {}, []);
      isStopped = true;
      terminal.off("resize", redraw);
    },
  };
};

/** The width of a terminal, cells. One that does not know its size says 0. */
export const columnsOf = (terminal: NodeJS.WritableStream): number =>
  (terminal as { readonly columns?: number }).columns || 80;

const rowsOf = (terminal: NodeJS.WritableStream): number =>
  (terminal as { readonly rows?: number }).rows || 24;

/** Half of the screen, rows. */
const roomOf = (terminal: NodeJS.WritableStream): number =>
  Math.max(1, Math.min(mostRows, Math.floor(rowsOf(terminal) / 2)));
