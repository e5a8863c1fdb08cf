import type { Paint } from "@gatehouse/cli-kit";
import { ago } from "@gatehouse/held-client";
import { visible } from "@gatehouse/std";
import { goodStates } from "./render-launch.ts";

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
export const renderTable = ({ title, members, now, columns, rows, paint }: TableFrame): readonly string[] => {
  const all = members.map((row) => [row.member, row.provider, ago(now - row.since)].map(visible));
  const widths = [0, 1, 2].map((at) => Math.max(...all.map((cells) => cells[at]?.length ?? 0)));
  const lines = members.map(({ state, why = "" }, index) => {
    const cells = (all[index] ?? []).map((cell, at) => cell.padEnd(widths[at] ?? 0));
    const rest = [...cells, visible(why.split("\n")[0] ?? "")].join("  ").trimEnd();
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
const moreOf = (members: readonly TableRow[]): string => `and ${members.length} more: ${countsOf(members)}`;

/** The number of members in each state. */
export const countsOf = (members: readonly Pick<TableRow, "state">[]): string => {
  const counts = new Map<string, number>();
  for (const { state } of members) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, many]) => `${many} ${state}`).join(", ");
};
