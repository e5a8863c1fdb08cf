import {
  CompiledQuery,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type SqlBool,
} from "kysely";
import type { Args, FlagValue, Row } from "@nc/cli-scope";
import type { ClockAndIds } from "./clock-and-ids.ts";
import type { AskSessions } from "./sessions-intent.ts";
import type { StoredTable } from "./stored-table.ts";

/** A database without column types: `StoredTable` names the columns, and the compiler checks them there. */
export type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

/** Dependencies for creating and reading rows. */
export type RowDeps = ClockAndIds & {
  /** Compiled selects by their columns. Its size is bounded, since the number of columns is. */
  readonly selects: Map<string, string>;
  readonly askSessions: AskSessions;
};

/** A table, and the limits within which its rows may be reached. */
export type TableScope = {
  readonly db: AnyTables;
  readonly stored: StoredTable;
  /** Columns with the values that every row within reach has. */
  readonly own: Args;
  readonly deps: RowDeps;
};

export const select = async (place: TableScope, where: Args, limit: number): Promise<readonly Row[]> => {
  const { rows } = await place.db.executeQuery<Row>(queryFor(place, where, limit));
  return rows.map(present(place.stored));
};

const queryFor = (place: TableScope, where: Args, limit: number): CompiledQuery<Row> => {
  const pairs = pairsOf(place, where);
  const values = pairs.flatMap(([, value]) => (value === null ? [] : [value]));
  return CompiledQuery.raw(selectText(place, pairs), [...values, limit]) as CompiledQuery<Row>;
};

/** The SQL of a select, compiled once for each set of columns, since compiling costs more than running. */
const selectText = ({ db, stored, deps }: TableScope, pairs: readonly Pair[]): string => {
  const key = [stored.table, ...pairs.map(([column, value]) => `${column} ${value === null}`)].join();
  const known = deps.selects.get(key);
  if (known !== undefined) return known;
  let query = db.selectFrom(stored.table).select(stored.columns).where(matching(pairs)).limit(1);
  // Only the group may be null, as in a role in all groups. Without `nulls last` PostgreSQL would sort it
  // first, SQLite last.
  for (const column of stored.newestFirst)
    query = query.orderBy(column, (order) =>
      column === stored.group ? order.desc().nullsLast() : order.desc(),
    );
  const text = query.compile().sql;
  deps.selects.set(key, text);
  return text;
};

export const byId = async (place: TableScope, id: string): Promise<Row | null> =>
  (await select(place, idIs(place.stored, id), 1))[0] ?? null;

export type Condition = (
  eb: Expressions,
) => ExpressionWrapper<Record<string, Record<string, unknown>>, string, SqlBool>;
type Expressions = ExpressionBuilder<Record<string, Record<string, unknown>>, string>;

type Pair = readonly [column: string, value: FlagValue];

/** The conditions of a query: these values, and those of the reach. */
export const pairsOf = ({ stored, own }: TableScope, where: Args): readonly Pair[] => {
  const pairs = [...Object.entries(where), ...Object.entries(own)].map(
    ([name, value]) => [name === "id" && stored.id !== null ? stored.id : name, value] as const,
  );
  for (const [column] of pairs)
    if (!stored.columns.includes(column)) throw new TypeError(`${stored.table} has no column ${column}`);
  return pairs;
};

export const matching =
  (pairs: readonly Pair[]): Condition =>
  (eb) =>
    eb.and(pairs.map(([column, value]) => eb(column, value === null ? "is" : "=", value)));

export const idIs = (stored: StoredTable, id: string): Args => ({ [idOf(stored)]: id });

export const idOf = (stored: StoredTable): string => {
  if (stored.id === null) throw new TypeError(`A row of ${stored.table} has no single key`);
  return stored.id;
};

export const present =
  ({ present }: StoredTable) =>
  (row: Row): Row =>
    present === undefined ? row : present(row);
