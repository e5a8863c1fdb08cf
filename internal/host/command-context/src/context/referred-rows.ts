import { sql, type ExpressionBuilder } from "kysely";
import { isIdForm, rowsMeant, type Choice, type Reach, type ReferredRows } from "@nc/cli-scope";
import type { AnyTables } from "./row-selects.ts";
import type { StoredTable } from "./stored-table.ts";

/** The rows of a table that arguments may refer to, within the reach. Null if its rows have no single key. */
export const referredRows = (db: AnyTables, reach: Reach, stored: StoredTable): ReferredRows | null => {
  const { id: key } = stored;
  if (key === null) return null;
  const place = { db, reach, stored, key };
  return {
    has: (id) => has(place, id),
    meant: (text) => meant(place, text),
    isIdForm: stored.idPrefix === undefined ? null : (text) => isId(stored, text),
    beginning: (text, limit) => beginning(place, text, limit),
  };
};

type TableReach = {
  readonly db: AnyTables;
  readonly reach: Reach;
  readonly stored: StoredTable;
  readonly key: string;
};

/** The rows that the caller sees; null for a table without groups, within one group. */
const seen = ({ db, reach, stored, key }: TableReach) => {
  const { label = key, names = [], named: isNamed = sql<boolean>`1 = 1` } = stored;
  const asked = names.map((name, index) => `${name} as name${index}`);
  const query = db
    .selectFrom(stored.table)
    .select([`${key} as id`, `${label} as label`, ...asked])
    .select(sql<number>`case when ${isNamed} then 1 else 0 end`.as("is_named"));
  if (reach === "all") return query;
  return stored.group === null ? null : query.where(stored.group, "=", reach.groupId);
};

/** The row with this id, if the caller sees it; undefined otherwise. */
const exactRow = async (place: TableReach, id: string): Promise<Row | undefined> =>
  seen(place)?.where(place.key, "=", id).executeTakeFirst();

/**
 * Whether the caller sees a row with this id. A row of another group and a missing row give the same answer
 * by the same query. For a table that the caller does not see at all, such as the users within one group, the
 * answer is always true and reveals nothing. The rehearsal of a command about such rows decides what its agent
 * may learn.
 */
const has = async (place: TableReach, id: string): Promise<boolean> =>
  (place.reach !== "all" && place.stored.group === null) || (await exactRow(place, id)) !== undefined;

const isId = ({ idPrefix }: StoredTable, text: string): boolean => isIdForm(text, idPrefix);

type Builder = ExpressionBuilder<Record<string, Record<string, unknown>>, string>;

/** The rows with one of these ids, and the rows with one of these names. */
const calledAny =
  ({ key, stored: { names = [], named } }: TableReach, texts: readonly string[]) =>
  (eb: Builder) => {
    const byName = eb.or(names.map((name) => eb(name, "in", texts)));
    return eb.or([eb(key, "in", texts), named === undefined ? byName : eb.and([named, byName])]);
  };

/** Maximum number of rows that the answer to an ambiguous text lists. */
const mostMeant = 8;

/** The form of a complete generated id. No other id begins with it. */
const wholeId = /^[a-z]+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const meant = async (place: TableReach, text: string): Promise<readonly Choice[]> => {
  const { stored, key, reach } = place;
  if (reach !== "all" && stored.group === null) return [];
  // The command itself checks that the row exists. A second check here took a tenth of the time of `groups
  // get`.
  if (isId(stored, text) && wholeId.test(text)) return [{ id: text, names: [], description: null }];
  const exact = await exactRow(place, text);
  if (exact !== undefined) return [choiceOf(place, exact)];
  const query = seen(place);
  if (query === null) return [];
  const isBeginning = isId(stored, text);
  if (!isBeginning && (stored.names ?? []).length === 0) return [];
  const rows = await query
    .where(isBeginning ? beginsWith([key], text) : calledInAnyCase(place, text))
    .orderBy(key)
    .limit(mostMeant)
    .execute();
  return rowsMeant(
    rows.map((row) => choiceOf(place, row)),
    text,
    stored.idPrefix,
  );
};

const choiceOf = (place: TableReach, row: Row): Choice => {
  const { label } = place.stored;
  return {
    id: String(row["id"]),
    names: namesOf(place, row),
    description: label === undefined || typeof row["label"] !== "string" ? null : row["label"] || null,
  };
};

/**
 * The rows with this name in upper or lower case, as far as the database folds case: SQLite folds only A to
 * Z.
 */
const calledInAnyCase =
  ({ stored: { names = [], named } }: TableReach, text: string) =>
  (eb: Builder) => {
    const isSame = eb.or(
      names.flatMap((name) => [eb(name, "=", text), eb(eb.fn("lower", [name]), "=", text.toLowerCase())]),
    );
    return named === undefined ? isSame : eb.and([named, isSame]);
  };

const beginsWith = (columns: readonly string[], text: string) => (eb: Builder) =>
  eb.or(
    columns.map((column) =>
      eb(eb.fn("substr", [column, eb.lit(1), sql`length(cast(${text} as text))`]), "=", text),
    ),
  );

const beginning = async (place: TableReach, text: string, limit: number): Promise<readonly Choice[]> => {
  const { stored, key } = place;
  const { names = [] } = stored;
  let query = seen(place)?.where(beginsWith([key, ...names], text));
  if (query === undefined) return [];
  for (const column of stored.newestFirst) query = query.orderBy(column, "desc");
  const rows = await query.limit(limit).execute();
  const unique = await onlyOnce(
    place,
    rows.flatMap((row) => namesOf(place, row)),
  );
  return rows
    .map((row) => choiceOf(place, row))
    .map((row) => ({ ...row, names: row.names.filter((name) => unique.get(name) === row.id) }));
};

type Row = Readonly<Record<string, unknown>>;

/** The names of a row without duplicates. */
const namesOf = ({ stored: { names = [] } }: TableReach, row: Row): readonly string[] =>
  row["is_named"] === 0
    ? []
    : [...new Set(names.map((_, index) => row[`name${index}`]).filter((name) => typeof name === "string"))];

/** The ids by name, for the names that stand for exactly one id. */
const onlyOnce = async (
  place: TableReach,
  names: readonly string[],
): Promise<ReadonlyMap<string, unknown>> => {
  const query = seen(place);
  if (query === null || names.length === 0) return new Map();
  const rows = await query.where(calledAny(place, names)).execute();
  const found = new Map<string, unknown[]>();
  for (const row of rows)
    for (const name of new Set([...namesOf(place, row), String(row["id"])]))
      found.set(name, [...(found.get(name) ?? []), row["id"]]);
  const once = [...found].filter(([name, ids]) => ids.length === 1 && ids[0] !== name);
  return new Map(once.filter(([name]) => !isId(place.stored, name)).map(([name, [id]]) => [name, id]));
};
