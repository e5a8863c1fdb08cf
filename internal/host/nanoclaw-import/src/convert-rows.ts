import { likeWarnings, nameProblem } from "@gatehouse/group-workspace";
import { fieldReader, type LegacyRow } from "./field-reader.ts";
import { legacyTables, type ImportedTable, type LegacyTable } from "./legacy-tables.ts";

/** The rows of a nanoclaw database, by nanoclaw's table names. Missing tables have no key. */
export type LegacyRows = Readonly<Record<string, readonly LegacyRow[]>>;

/** A row of our database, by column. */
export type ImportedRow = Readonly<Record<string, string | number | null>>;

/** A note about a row that was left out or changed on import. */
export type RowNote = { readonly table: string; readonly key: string; readonly why: string };

export type ConvertedRows = {
  readonly rows: Readonly<Record<ImportedTable, readonly ImportedRow[]>>;
  readonly leftOut: readonly RowNote[];
  readonly changed: readonly RowNote[];
};

/**
 * Converts all tables. Leaves out rows with dangling references, duplicates, and rows with invalid values, each with
 * the reason.
 */
export const convertRows = (source: LegacyRows, now: string): ConvertedRows => {
  const state: State = { rows: {}, ids: {}, leftOut: [], changed: [], now };
  for (const table of legacyTables) convertTable(state, table, source[table.source] ?? []);
  nameGroups(state);
  findPeopleOfChats(state);
  const { leftOut, changed } = state;
  return { rows: state.rows as ConvertedRows["rows"], leftOut, changed };
};

type State = {
  readonly rows: Partial<Record<ImportedTable, readonly ImportedRow[]>>;
  /** The ids of the imported rows. */
  readonly ids: Partial<Record<ImportedTable, ReadonlySet<unknown>>>;
  readonly leftOut: RowNote[];
  readonly changed: RowNote[];
  readonly now: string;
};

/** Gives groups whose names are refused here others, after their folders, and notes names that look alike. */
const nameGroups = (state: State): void => {
  const named: ImportedRow[] = [];
  for (const row of state.rows.agent_groups ?? []) {
    const note = (why: string) => state.changed.push({ table: "agent_groups", key: String(row["id"]), why });
    const problem = nameProblem(String(row["name"]));
    const name = problem === null ? String(row["name"]) : `Group ${String(row["folder"])}`;
    if (problem !== null) note(`the name is ${JSON.stringify(name)} now: ${problem}`);
    for (const warning of likeWarnings(
      name,
      named.map((other) => String(other["name"])),
    ))
      note(warning);
    named.push({ ...row, name });
  }
  if (state.rows.agent_groups !== undefined) state.rows.agent_groups = named;
};

/**
 * Finds the person of each direct chat: by nanoclaw's `user_dms`, or a user whose handle is the chat's id, bare or with the
 * channel before it. A chat of two such people gets none, and the report says so.
 */
const findPeopleOfChats = (state: State): void => {
  const { users = [], user_dms: dms = [], messaging_groups: chats = [] } = state.rows;
  const known = new Set(users.map(({ id }) => id));
  state.rows.messaging_groups = chats.map((chat) => {
    if (chat["is_group"] !== 0) return { ...chat, user_id: null };
    const [channel, id] = [String(chat["channel_type"]), String(chat["platform_id"])];
    const named = id.startsWith(`${channel}:`) ? id : `${channel}:${id}`;
    const found = dms.filter((dm) => dm["messaging_group_id"] === chat["id"]).map((dm) => dm["user_id"]);
    const people = [...new Set([...found, ...(known.has(named) ? [named] : [])])];
    const [only = null, ...others] = people;
    if (others.length === 0) return { ...chat, user_id: only };
    const why = `it is a direct chat of ${people.join(" and ")}: the first of them who writes there has it`;
    state.changed.push({ table: "messaging_groups", key: String(chat["id"]), why });
    return { ...chat, user_id: null };
  });
};

const convertTable = (state: State, table: LegacyTable, source: readonly LegacyRow[]): void => {
  const taken: ImportedRow[] = [];
  const seen = new Set<string>();
  for (const legacy of source) {
    const field = fieldReader(legacy, state.now);
    const { row, cleared } = withoutDangling(state, table, table.read(field, legacy));
    const note = { table: table.source, key: keyOf(table, legacy) };
    const [why = null] = [...field.problems, ...problemsOf(state, table, row, seen)];
    if (why !== null) {
      state.leftOut.push({ ...note, why });
      continue;
    }
    for (const key of uniqueKeys(table, row)) seen.add(key);
    taken.push(row);
    for (const change of [...field.changes, ...cleared]) state.changed.push({ ...note, why: change });
  }
  state.rows[table.table] = taken;
  state.ids[table.table] = new Set(taken.map(({ id }) => id));
};

/** Sets optional references to missing rows to null. */
const withoutDangling = (
  state: State,
  { references }: LegacyTable,
  row: ImportedRow,
): { readonly row: ImportedRow; readonly cleared: readonly string[] } => {
  const dangling = references.filter(({ column, to, clear }) => clear && !isThere(state, to, row[column]));
  return {
    row: { ...row, ...Object.fromEntries(dangling.map(({ column }) => [column, null])) },
    cleared: dangling.map(({ column, to }) => `${column} was cleared: no such row in ${to}`),
  };
};

const problemsOf = (
  state: State,
  table: LegacyTable,
  row: ImportedRow,
  seen: ReadonlySet<string>,
): readonly string[] => {
  const references = [...table.references, ...targetOf(table, row)];
  const nowhere = references.filter(({ column, to }) => !isThere(state, to, row[column]));
  const problem = table.problem?.(row) ?? null;
  return [
    ...nowhere.map(({ column, to }) => `${column} points to no row in ${to} (${String(row[column])})`),
    ...(problem === null ? [] : [problem]),
    ...(uniqueKeys(table, row).some((key) => seen.has(key)) ? ["an earlier row has the same key"] : []),
  ];
};

/** Returns the reference of a destination: to a chat or an agent group, by its type. */
const targetOf = ({ table }: LegacyTable, { target_type }: ImportedRow): LegacyTable["references"] => {
  if (table !== "agent_destinations") return [];
  return [{ column: "target_id", to: target_type === "agent" ? "agent_groups" : "messaging_groups" }];
};

const isThere = ({ ids }: State, table: ImportedTable, id: ImportedRow[string] | undefined): boolean =>
  id === null || id === undefined || ids[table]?.has(id) === true;

const uniqueKeys = ({ unique }: LegacyTable, row: ImportedRow): readonly string[] =>
  unique.map((columns) => sameKey(columns, row));

/**
 * Returns a key that is equal for two rows that cannot both exist. Compares folder names without case, because some file
 * systems ignore case.
 */
export const sameKey = (columns: readonly string[], row: ImportedRow): string =>
  JSON.stringify(
    columns.map((column) => [column, column === "folder" ? String(row[column]).toLowerCase() : row[column]]),
  );

const keyOf = ({ key }: LegacyTable, row: LegacyRow): string =>
  key.map((column) => String(row[column] ?? "-")).join(" ");
