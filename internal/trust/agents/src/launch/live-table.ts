import type { Output, Paint } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import { ago } from "@gatehouse/held-client";
import { padCells } from "@gatehouse/cli-kit/table";
import { countsOf } from "@gatehouse/trust-cli";
import { goodStates } from "./render-launch.ts";

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
    const lines = liveLines({ ...shown, ...size, now: Date.now(), paint });
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

/** A member in the live table. */
export type TableRow = {
  readonly member: string;
  readonly provider: string;
  readonly state: string;
  /** The start of this state: ms since 1970. */
  readonly since: number;
  /** Its question, or why it has ended. */
  readonly why?: string;
};

export type TableFrame = {
  /** The line above the members. */
  readonly title: string;
  readonly members: readonly TableRow[];
  /** Ms since 1970. */
  readonly now: number;
  /** The terminal's size in cells. No line is wider, and there are fewer lines than rows. */
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
};

/**
 * The lines of the live table: the title, then state, member, provider and since. Control characters are
 * escaped.
 */
export const liveLines = ({ title, members, now, columns, rows, paint }: TableFrame): readonly string[] => {
  const cells = padCells(
    members.map(({ member, provider, since, why = "" }) => [
      ...[member, provider, ago(now - since)],
      why.split("\n")[0] ?? "",
    ]),
  );
  const lines = members.map(({ state }, at) => {
    const rest = (cells[at] ?? []).join("  ").trimEnd();
    const head = state.padEnd(9).slice(0, columns - 1);
    const shown = ` ${rest}`.slice(0, Math.max(0, columns - 1 - head.length));
    return `${(goodStates.has(state) ? paint.good : paint.bad)(head)}${shown}`;
  });
  const room = Math.max(1, rows - 2);
  const fits = lines.length <= room ? lines : lines.slice(0, room - 1);
  const more = fits.length < lines.length ? [moreOf(members.slice(fits.length))] : [];
  return [visible(title), ...fits, ...more].map((line, at) =>
    at === 0 || at > fits.length ? line.slice(0, columns - 1) : line,
  );
};

/** `and 12 more: 10 ready, 2 starting`. */
const moreOf = (members: readonly TableRow[]): string =>
  `and ${members.length} more: ${countsOf(members.map(({ state }) => state))}`;
