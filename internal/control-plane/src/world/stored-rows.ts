import {
  CompiledQuery,
  sql,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type SqlBool,
} from "kysely";
import type { Args, CommandError, FlagValue, Reach, Row, Rows } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import type { Dependent, StoredTable } from "./stored-table.ts";
import type { ClockAndIds } from "./clock-and-ids.ts";

/** A database without column types: `StoredTable` names the columns, and the compiler checks them there. */
export type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

/** Dependencies for creating and reading rows. */
export type RowDeps = ClockAndIds & {
  /** Compiled selects, by their columns. There are only so many columns, so its size is bounded. */
  readonly selects: Map<string, string>;
};

/** The rows of one resource, also by columns other than the key. */
export type StoredRows = Rows & {
  /** Deletes the rows with these values and returns them; null matches a column that is null. */
  readonly remove: (where: Args) => Promise<readonly Row[]>;
};

/**
 * The rows of a table within the reach. Within one group every query has that group in its WHERE and every
 * new row belongs to it, for any values of the caller.
 */
export const storedRows = (db: AnyTables, reach: Reach, stored: StoredTable, deps: RowDeps): StoredRows => {
  if (reach !== "all" && stored.group === null) return rowsOutOfReach(stored);
  const own: Args = reach === "all" || stored.group === null ? {} : { [stored.group]: reach.groupId };
  const place = { db, stored, own, deps };
  return {
    list: async ({ where, limit }) => ({ ok: true, value: await select(place, where, limit) }),
    get: async (id) => ({ ok: true, value: await byId(place, id) }),
    create: (values) => create(place, values),
    update: (id, values) => update(place, id, values),
    delete: async (id) => ({ ok: true, value: await deleteOne(place, id) }),
    remove: (where) => remove(place, where),
  };
};

type Place = {
  readonly db: AnyTables;
  readonly stored: StoredTable;
  /** The values that every row within reach has. */
  readonly own: Args;
  readonly deps: RowDeps;
};

const select = async (place: Place, where: Args, limit: number): Promise<readonly Row[]> => {
  const { rows } = await place.db.executeQuery<Row>(queryFor(place, where, limit));
  return rows.map(present(place.stored));
};

const queryFor = (place: Place, where: Args, limit: number): CompiledQuery<Row> => {
  const pairs = pairsOf(place, where);
  const values = pairs.flatMap(([, value]) => (value === null ? [] : [value]));
  return CompiledQuery.raw(selectText(place, pairs), [...values, limit]) as CompiledQuery<Row>;
};

/** Compiled once for each set of columns: compiling costs more than running. */
const selectText = ({ db, stored, deps }: Place, pairs: readonly Pair[]): string => {
  const key = [stored.table, ...pairs.map(([column, value]) => `${column} ${value === null}`)].join();
  const known = deps.selects.get(key);
  if (known !== undefined) return known;
  let query = db.selectFrom(stored.table).select(stored.columns).where(matching(pairs)).limit(1);
  // Only the group may be null, as the group of a role in all groups. PostgreSQL would sort it first, SQLite
  // last.
  for (const column of stored.newestFirst)
    query = query.orderBy(column, (order) =>
      column === stored.group ? order.desc().nullsLast() : order.desc(),
    );
  const text = query.compile().sql;
  deps.selects.set(key, text);
  return text;
};

const byId = async (place: Place, id: string): Promise<Row | null> =>
  (await select(place, idIs(place.stored, id), 1))[0] ?? null;

const create = async (place: Place, values: Args): Promise<Result<Row, CommandError>> => {
  const { db, stored, own, deps } = place;
  const foreign = Object.entries(own).some(([column, value]) => (values[column] ?? value) !== value);
  if (foreign) return refused("forbidden", `A ${stored.noun} of another agent group is out of reach.`);
  const made = stored.idPrefix === undefined ? {} : { [idOf(stored)]: deps.id(stored.idPrefix) };
  const row: Args = { ...stored.defaults, ...values, ...made, ...own, [stored.stamp]: deps.now() };
  const problem = stored.problem?.(row) ?? null;
  if (problem !== null) return refused("invalid-args", problem);
  const missing = await missingReference(place, row);
  if (missing !== null) return refused("not-found", missing);
  const saved = await db
    .insertInto(stored.table)
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning(stored.columns)
    .executeTakeFirst();
  if (saved === undefined) return taken(place, row);
  const more = await stored.complete?.(db as unknown as Kysely<CentralTables>, saved);
  return { ok: true, value: { ...present(stored)(saved), ...more } };
};

const update = async (place: Place, id: string, values: Args): Promise<Result<Row | null, CommandError>> => {
  const { db, stored } = place;
  const before = await byId(place, id);
  if (before === null) return { ok: true, value: null };
  const problem = stored.problem?.({ ...before, ...values }) ?? null;
  // A problem that the row had before, such as that of an imported row, does not hold up its other columns.
  if (problem !== null && problem !== stored.problem?.(before)) return refused("invalid-args", problem);
  const saved = await db
    .updateTable(stored.table)
    .set(values)
    .where(matching(pairsOf(place, idIs(stored, id))))
    .returning(stored.columns)
    .executeTakeFirst();
  return { ok: true, value: saved === undefined ? null : present(stored)(saved) };
};

/** The row, and how many dependent rows went with it. */
const deleteOne = async (place: Place, id: string): Promise<Row | null> => {
  const { stored } = place;
  if ((await byId(place, id)) === null) return null;
  const removed = await takeAlong(place, id);
  const [row] = await remove(place, idIs(stored, id));
  if (row === undefined) return null;
  return stored.dependents === undefined ? row : { ...row, removed };
};

const remove = async (place: Place, where: Args): Promise<readonly Row[]> => {
  const { db, stored } = place;
  const gone = await db
    .deleteFrom(stored.table)
    .where(matching(pairsOf(place, where)))
    .returning(stored.columns)
    .execute();
  return gone.map(present(stored));
};

/** Counts the dependent rows, and deletes those that no foreign key deletes. */
const takeAlong = async ({ db, stored }: Place, id: string): Promise<Readonly<Record<string, number>>> => {
  const removed: Record<string, number> = {};
  for (const dependent of stored.dependents ?? []) {
    const hanging = hangingOn(dependent, id);
    const { count } = await db
      .selectFrom(dependent.table)
      .select(sql<number>`count(*)`.as("count"))
      .where(hanging)
      .executeTakeFirstOrThrow();
    removed[dependent.what] = Number(count);
    if (dependent.clear !== undefined) await db.deleteFrom(dependent.table).where(hanging).execute();
  }
  return removed;
};

type Condition = (
  eb: Expressions,
) => ExpressionWrapper<Record<string, Record<string, unknown>>, string, SqlBool>;
type Expressions = ExpressionBuilder<Record<string, Record<string, unknown>>, string>;

type Pair = readonly [column: string, value: FlagValue];

/** These values, within reach. */
const pairsOf = ({ stored, own }: Place, where: Args): readonly Pair[] => {
  const pairs = [...Object.entries(where), ...Object.entries(own)].map(
    ([name, value]) => [name === "id" && stored.id !== null ? stored.id : name, value] as const,
  );
  for (const [column] of pairs)
    if (!stored.columns.includes(column)) throw new TypeError(`${stored.table} has no column ${column}`);
  return pairs;
};

const matching =
  (pairs: readonly Pair[]): Condition =>
  (eb) =>
    eb.and(pairs.map(([column, value]) => eb(column, value === null ? "is" : "=", value)));

const hangingOn =
  ({ column, through, clear }: Dependent, id: string): Condition =>
  (eb) => {
    const key =
      through === undefined
        ? eb(column, "=", id)
        : eb(column, "in", eb.selectFrom(through.table).select("id").where(through.column, "=", id));
    return clear === undefined ? eb.and([key]) : eb.and([key, eb(clear[0], "=", clear[1])]);
  };

const idIs = (stored: StoredTable, id: string): Args => ({ [idOf(stored)]: id });

const idOf = (stored: StoredTable): string => {
  if (stored.id === null) throw new TypeError(`A row of ${stored.table} has no single key`);
  return stored.id;
};

const present =
  ({ present }: StoredTable) =>
  (row: Row): Row =>
    present === undefined ? row : present(row);

/** Looked up before the insert: the driver's error does not name the key. */
const missingReference = async ({ db, stored }: Place, row: Row): Promise<string | null> => {
  for (const { column, table, noun, flag = flagOf(column) } of stored.references ?? []) {
    const value = row[column];
    if (typeof value !== "string") continue;
    const found = await db.selectFrom(table).select("id").where("id", "=", value).executeTakeFirst();
    if (found === undefined) return `There is no ${noun} "${value}" (${flag}).`;
  }
  return null;
};

/** A unique value is taken. The message names the other row if it is within reach. */
const taken = async (place: Place, row: Row): Promise<Result<Row, CommandError>> => {
  const { stored } = place;
  const unique = stored.unique ?? [];
  const where = Object.fromEntries(unique.map((column) => [column, row[column] as string]));
  const [other] = await select(place, where, 1);
  const said = unique.filter((column) => row[column] !== stored.defaults?.[column]);
  const names = said.map(flagOf).join(" and ");
  const which =
    other !== undefined && stored.idPrefix !== undefined && stored.id !== null
      ? `: ${String(other[stored.id])}`
      : "";
  return refused("invalid-args", `There is a ${stored.noun} with this ${names} already${which}.`);
};

/** As `--lower-case`. */
export const flagOf = (column: string): string => `--${column.replaceAll("_", "-")}`;

/** Fails closed: rows that belong to no group are hidden. */
const rowsOutOfReach = ({ noun }: StoredTable): StoredRows => ({
  list: () => Promise.resolve({ ok: true, value: [] }),
  get: () => Promise.resolve({ ok: true, value: null }),
  create: () => Promise.resolve(refused("forbidden", `A ${noun} belongs to no single agent group.`)),
  update: () => Promise.resolve({ ok: true, value: null }),
  delete: () => Promise.resolve({ ok: true, value: null }),
  remove: () => Promise.resolve([]),
});

const refused = (code: CommandError["code"], message: string): { ok: false; error: CommandError } => ({
  ok: false,
  error: { code, message },
});
