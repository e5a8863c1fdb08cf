type Row = Readonly<Record<string, unknown>>;

/** Rows for a narrow table, and the names of the dropped columns. */
export type Compact = { readonly shown: readonly Row[]; readonly dropped: readonly string[] };

/** `ag-019abc12-3456-7...`: a prefix, then a UUID that starts with its time. */
const generated = /^([a-z]+-[0-9a-f]{8}-[0-9a-f]{4})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Minimum columns at any width: usually the id and a name. */
const leastColumns = 2;

/**
 * Shortens ids to beginnings that are unique in the list, shows times as ages, drops columns that are empty
 * in every row, and then drops the last columns until `fits` returns true.
 */
export const compactRows = (
  rows: readonly Row[],
  now: number,
  fits: (rows: readonly Row[]) => boolean,
): Compact => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const short = shortIds(rows.flatMap((row) => Object.values(row)));
  const cells = rows.map((row) => names.map((name) => compactCell(row[name], short, now)));
  const filled = names.filter((_, index) => cells.some((row) => !isEmpty(row[index])));
  const kept = filled.length < leastColumns ? names.slice(0, leastColumns) : filled;
  const rowsOf = (count: number): readonly Row[] =>
    cells.map((row) =>
      Object.fromEntries(kept.slice(0, count).map((name) => [name, row[names.indexOf(name)]])),
    );
  let count = kept.length;
  while (count > leastColumns && !fits(rowsOf(count))) count -= 1;
  return { shown: rowsOf(count), dropped: kept.slice(count) };
};

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "";

const compactCell = (value: unknown, short: ReadonlyMap<string, string>, now: number): unknown => {
  if (typeof value !== "string") return value;
  return short.get(value) ?? (isoTime.test(value) ? ageOf(now - Date.parse(value)) : value);
};

/**
 * The short form of each generated id: its time, and as many more characters as make it unique in the list.
 */
const shortIds = (values: readonly unknown[]): ReadonlyMap<string, string> => {
  const ids = [...new Set(values.filter((value) => typeof value === "string"))].filter((id) =>
    generated.test(id),
  );
  const sorted = ids.toSorted();
  return new Map(
    sorted.map((id, index) => {
      const least = generated.exec(id)?.[1]?.length ?? id.length;
      const near = [sorted[index - 1], sorted[index + 1]].map((other) => sharedLength(id, other ?? ""));
      return [id, id.slice(0, Math.max(least, ...near.map((length) => length + 1)))];
    }),
  );
};

const sharedLength = (one: string, other: string): number => {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
};

const units = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1000 },
] as const;

/** `2 min ago`, or `in 3 d` for a negative age. */
export const ageOf = (ms: number): string => {
  const unit = units.find((each) => Math.abs(ms) >= each.ms);
  if (unit === undefined) return "now";
  const text = `${Math.floor(Math.abs(ms) / unit.ms)} ${unit.name}`;
  return ms < 0 ? `in ${text}` : `${text} ago`;
};
