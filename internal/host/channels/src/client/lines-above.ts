import { clearScreenDown, cursorTo, moveCursor, type Interface } from "node:readline";
import { visibleLines } from "@gatehouse/std";
import type { ChatClientOptions } from "./chat-mode.ts";
import { previewRows, type PreviewRoom } from "./preview-rows.ts";

type Place = Pick<ChatClientOptions, "io"> & {
  readonly terminal: NodeJS.WritableStream;
  /** True after Ctrl-D: no more input follows. */
  readonly isOver: () => boolean;
};

/** Most rows of a text that is still being written. */
const mostRows = 10;

export type LinesAbove = {
  /** To the terminal. */
  readonly print: (text: string) => void;
  /** The same for a text that was made safe and has styles. */
  readonly printStyled: (text: string) => void;
  /** To stderr. */
  readonly note: (text: string) => void;
  /** The end of what an agent is writing, between the other lines and the line being typed; empty removes it. */
  readonly preview: (text: string) => void;
  /** Nothing is written after it. */
  readonly stop: () => void;
};

/** Writes above the line being typed. */
export const linesAbove = (prompt: Interface, { terminal, io, isOver }: Place): LinesAbove => {
  let isStopped = false;
  let drawn: readonly string[] = [];
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
  return {
    print: (text: string): void => above(() => void terminal.write(`${visibleLines(text)}\n`)),
    printStyled: (text: string): void => above(() => void terminal.write(`${text}\n`)),
    note: (text: string): void => above(() => void io.stderr.write(`${visibleLines(text)}\n`)),
    preview: (text: string): void => {
      const rows = isOver() ? [] : previewRows(text, roomOf(terminal));
      if (rows.join("\n") !== drawn.join("\n")) above(() => {}, rows);
    },
    stop: (): void => {
      if (drawn.length > 0) above(() => {}, []);
      isStopped = true;
    },
  };
};

/** The width of a terminal, cells. One that does not know its size says 0. */
export const columnsOf = (terminal: NodeJS.WritableStream): number =>
  (terminal as { readonly columns?: number }).columns || 80;

/** Half of the screen; the last column stays free, because some terminals wrap there at once. */
const roomOf = (terminal: NodeJS.WritableStream): PreviewRoom => {
  const { rows = 24 } = terminal as { readonly rows?: number };
  const columns = columnsOf(terminal);
  return { columns: Math.max(10, columns - 1), rows: Math.max(1, Math.min(mostRows, Math.floor(rows / 2))) };
};
