import type { Output, Paint } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import { renderTable, type TableRow } from "./render-table.ts";

/** A table at a terminal that is redrawn in place. */
export type LiveTable = {
  readonly show: (title: string, members: readonly TableRow[]) => void;
  /** Writes a line that stays above the table. */
  readonly note: (line: string) => void;
  /** Erases the table. */
  readonly end: () => void;
};

/** The size for a terminal that does not report one. */
const usual = { columns: 80, rows: 24 };
/** How often the times in the table are updated, ms. */
const everyMs = 1_000;

/** Creates the live table of a terminal. Its times are updated until `end`. */
export const liveTable = (output: Output, paint: Paint): LiveTable => {
  let drawn: readonly string[] = [];
  let shown: { readonly title: string; readonly members: readonly TableRow[] } | null = null;
  const clear = (): string => (drawn.length === 0 ? "" : `\x1b[${drawn.length}A\r\x1b[J`);
  const draw = (): void => {
    if (shown === null) return;
    const size = { columns: output.columns || usual.columns, rows: output.rows || usual.rows };
    const lines = renderTable({ ...shown, ...size, now: Date.now(), paint });
    if (lines.join("\n") === drawn.join("\n")) return;
    output.write(clear() + lines.map((line) => `${line}\n`).join(""));
    drawn = lines;
  };
  const timer = setInterval(draw, everyMs);
  timer.unref();
  const erase = (): void => {
    if (drawn.length > 0) output.write(clear());
    drawn = [];
  };
  return {
    show: (title, members) => {
      shown = { title, members };
      draw();
    },
    note: (line) => {
      erase();
      output.write(`${visible(line)}\n`);
      draw();
    },
    end: () => {
      clearInterval(timer);
      erase();
    },
  };
};
