import { fitted, type Width } from "./display-width.ts";
import { visible } from "@gatehouse/std";

/** Where it is shown. */
export type View = {
  /** Cells of the terminal; null where nothing limits a line, as in a pipe. */
  readonly columns: number | null;
  readonly isColoured: boolean;
};

type Row = Readonly<Record<string, unknown>>;

const gap = "  ";

/** A column of free text is not shortened below this many cells. */
const leastCells = 10;

/** Where nothing limits a line, cells are padded to at most this width: one long text would be paid for in every row. */
const mostPadding = 200;

/** Data for a person: rows as a table, one thing as its fields, text of others made harmless. Ends with a newline. */
export const renderData = (data: unknown, view: View, displayWidth: Width): string => {
  if (data === null || data === undefined) return "done\n";
  if (!Array.isArray(data)) return isRow(data) ? `${record(data, view, displayWidth)}\n` : `${cell(data)}\n`;
  if (data.length === 0) return "none\n";
  const rows: readonly unknown[] = data;
  return rows.every(isRow)
    ? `${renderRows(rows, view, displayWidth)}\n`
    : rows.map((each) => `${cell(each)}\n`).join("");
};

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Unset and empty differ; what is nested is compact JSON. */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return "-";
  if (value === "") return '""';
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
};

const renderRows = (rows: readonly Row[], view: View, displayWidth: Width): string => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => cell(row[name])));
  const full = names.map((name, index) =>
    cells.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[index] ?? "")),
      displayWidth(visible(name)),
    ),
  );
  const widths =
    view.columns === null
      ? full.map((width) => Math.min(width, mostPadding))
      : widthsWithin(view.columns, names, full);
  if (widths === null) return rows.map((row) => record(row, view, displayWidth)).join("\n\n");
  const lineOf = line(
    widths,
    view.columns === null ? (text) => text : (text, cells) => fitted(text, cells, displayWidth),
    displayWidth,
  );
  return [faint(lineOf(names.map(visible)), view), ...cells.map(lineOf)].join("\n");
};

/** Takes from the widest column of free text until all fit. Ids are to be copied, so they stay whole; null where all else is too narrow. */
const widthsWithin = (
  columns: number,
  names: readonly string[],
  full: readonly number[],
): readonly number[] | null => {
  const widths = [...full];
  const room = columns - gap.length * (names.length - 1);
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const widest = names.reduce<number>((found, name, index) => {
      const width = widths[index] ?? 0;
      return !isId(name) && width > leastCells && width > (widths[found] ?? 0) ? index : found;
    }, -1);
    if (widest === -1) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
};

const isId = (name: string): boolean => /(^|_)id$/.test(name);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Writes a row; `shown` makes each cell fit its width. */
const line =
  (widths: readonly number[], shown: (text: string, cells: number) => string, displayWidth: Width) =>
  (cells: readonly string[]): string =>
    cells
      .map((content, index) => {
        const width = widths[index] ?? 0;
        const text = shown(content, width);
        return text + " ".repeat(Math.max(0, width - displayWidth(text)));
      })
      .join(gap)
      .trimEnd();

/** One field a line. */
const record = (row: Row, view: View, displayWidth: Width): string => {
  const entries = Object.entries(row).map(([name, value]) => [visible(name), cell(value)] as const);
  const width = Math.max(0, ...entries.map(([name]) => displayWidth(name)));
  return entries
    .map(([name, text]) => `${faint(name + " ".repeat(width - displayWidth(name)), view)}${gap}${text}`)
    .join("\n");
};

const faint = (text: string, { isColoured }: View): string =>
  isColoured ? `\u001b[2m${text}\u001b[22m` : text;
