type Row = Readonly<Record<string, unknown>>;

/** Rows for a narrow table, and the names of the dropped columns. */
export type Compact = { readonly shown: readonly Row[]; readonly dropped: readonly string[] };

/** `ag-019abc12-3456-7...`: a prefix, then a UUID that starts with its time. */
const generated = /\b[a-z]+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
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
  const short = shortIds(rows.flatMap((row) => Object.values(row).flatMap(idsIn)));
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
  if (isoTime.test(value)) return ageOf(now - Date.parse(value));
  return isPlainId(value) ? value.replaceAll(generated, (id) => short.get(id) ?? id) : value;
};

/** One id, or several as in `agent:ag-.../se-...`. Ids within a sentence stay whole. */
const isPlainId = (value: string): boolean => !value.includes(" ");

const idsIn = (value: unknown): readonly string[] =>
  typeof value === "string" && isPlainId(value) ? (value.match(generated) ?? []) : [];

/**
 * The short form of each generated id: its time, and as many more characters as make it unique in the list.
 */
const shortIds = (found: readonly string[]): ReadonlyMap<string, string> => {
  const sorted = [...new Set(found)].toSorted();
  return new Map(
    sorted.map((id, index) => {
      const near = [sorted[index - 1], sorted[index + 1]].map((other) => sharedLength(id, other ?? ""));
      return [id, id.slice(0, Math.max(id.length - leftOut, ...near.map((length) => length + 1)))];
    }),
  );
};

/** Characters after the time of an id. */
const leftOut = "-xxxx-xxxx-xxxxxxxxxxxx".length;

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
