import { compactRows } from "./compact-rows.ts";
import { fitted, type Width } from "./display-width.ts";
import { visible } from "@gatehouse/std";

/** The place where the data is shown. */
export type View = {
  /** The terminal's width in cells; null if no width limits a line, as in a pipe. */
  readonly columns: number | null;
  readonly isColoured: boolean;
  /**
   * Ms since 1970. With a width and this time, a table is compact: short ids, "2 min ago", only columns that
   * fit.
   */
  readonly now?: number;
};

type Row = Readonly<Record<string, unknown>>;

const gap = "  ";

/** Minimum width in cells of a shortened column of free text. */
const leastCells = 10;

/** Columns are dropped so that shortened texts keep this width in cells: the longest of them, and the others. */
const [mostOfText, someOfText] = [24, 12];

/** Maximum padding of a cell if no width limits a line. Otherwise one long text would widen every row. */
const mostPadding = 200;

/**
 * Renders data for a person: rows as a table, one object as its fields. Escapes control characters. Ends with
 * a newline.
 */
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

/** Shows unset and empty values differently, and nested values as compact JSON. */
const cell = (value: unknown): string => {
  if (value === null || value === undefined) return "-";
  if (value === "") return '""';
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
};

const renderRows = (rows: readonly Row[], view: View, displayWidth: Width): string => {
  if (view.columns === null || view.now === undefined) return renderTable(rows, view, displayWidth);
  const { now, ...plain } = view;
  const isNarrow = (shown: readonly Row[]): boolean => {
    const names = Object.keys(shown[0] ?? {});
    const full = names.map((name) =>
      Math.max(displayWidth(name), ...shown.map((row) => displayWidth(cell(row[name])))),
    );
    const longest = Math.max(0, ...full.filter((_, index) => !isId(names[index] ?? "")));
    const least = full.map((width, index) =>
      isId(names[index] ?? "") ? width : Math.min(width, someOfText),
    );
    const more = Math.min(longest, mostOfText) - Math.min(longest, someOfText);
    return sum(least) + more + gap.length * (names.length - 1) <= (view.columns ?? 0);
  };
  const { shown, dropped } = compactRows(rows, now, isNarrow);
  const more =
    dropped.length === 0 ? "" : `\n${faint(`not shown: ${dropped.map(visible).join(", ")} (--wide)`, view)}`;
  return `${renderTable(shown, plain, displayWidth)}${more}`;
};

const renderTable = (rows: readonly Row[], view: View, displayWidth: Width): string => {
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

/**
 * Narrows the widest column of free text until all columns fit. Ids stay whole, because people copy them.
 * Returns null if the columns still do not fit.
 */
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

/** Renders one field per line. */
const record = (row: Row, view: View, displayWidth: Width): string => {
  const entries = Object.entries(row).map(([name, value]) => [visible(name), cell(value)] as const);
  const width = Math.max(0, ...entries.map(([name]) => displayWidth(name)));
  return entries
    .map(([name, text]) => `${faint(name + " ".repeat(width - displayWidth(name)), view)}${gap}${text}`)
    .join("\n");
};

const faint = (text: string, { isColoured }: View): string =>
  isColoured ? `\u001b[2m${text}\u001b[22m` : text;
