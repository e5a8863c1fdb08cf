import type { Choice, Reach, ReferredRows } from "@nc/cli-scope";
import type { AnyTables } from "./row-selects.ts";
import type { StoredTable } from "./stored-table.ts";

/** The rows of a table that arguments may refer to, within the reach. Null if its rows have no single key. */
export const referredRows = (db: AnyTables, reach: Reach, stored: StoredTable): ReferredRows | null => {
  const { id: key } = stored;
  if (key === null) return null;
  const place = { db, reach, stored, key };
  return {
    has: (id) => has(place, id),
    named: (name) => named(place, name),
    beginning: (text, limit) => beginning(place, text, limit),
  };
};

type Place = {
  readonly db: AnyTables;
  readonly reach: Reach;
  readonly stored: StoredTable;
  readonly key: string;
};

/** The rows that the caller sees; null for a table without groups, within one group. */
const seen = ({ db, reach, stored, key }: Place) => {
  const { label = key } = stored;
  const query = db.selectFrom(stored.table).select([`${key} as id`, `${label} as label`]);
  if (reach === "all") return query;
  return stored.group === null ? null : query.where(stored.group, "=", reach.groupId);
};

/**
 * A row of another group gives the same answer to the same query as one that is not there. About a table
 * that the caller does not see, such as the users within one group, nothing is told: a command that may be
 * about any of its rows says in its preview what its agent may learn.
 */
const has = async (place: Place, id: string): Promise<boolean> => {
  const query = seen(place);
  return query === null || (await query.where(place.key, "=", id).executeTakeFirst()) !== undefined;
};

/** Whether a text has the form of a generated id: it is no name then, and needs no query. */
const isId = ({ idPrefix }: StoredTable, text: string): boolean =>
  idPrefix !== undefined && text.startsWith(`${idPrefix}-`);

const named = async (place: Place, name: string): Promise<string | null> => {
  const { label, isNamed = false } = place.stored;
  if (label === undefined || !isNamed || isId(place.stored, name)) return null;
  const query = seen(place);
  if (query === null) return null;
  const rows = await query
    .where((eb) => eb.or([eb(place.key, "=", name), eb(label, "=", name)]))
    .limit(2)
    .execute();
  const [only] = rows;
  return rows.length === 1 && only !== undefined && only["id"] !== name ? String(only["id"]) : null;
};

const beginning = async (place: Place, text: string, limit: number): Promise<readonly Choice[]> => {
  const { stored, key } = place;
  const { label, isNamed = false } = stored;
  const columns = isNamed && label !== undefined ? [key, label] : [key];
  let query = seen(place)?.where((eb) =>
    eb.or(
      columns.map((column) => eb(eb.fn("substr", [column, eb.lit(1), eb.lit([...text].length)]), "=", text)),
    ),
  );
  if (query === undefined) return [];
  for (const column of stored.newestFirst) query = query.orderBy(column, "desc");
  const rows = await query.limit(limit).execute();
  const choices = rows.map((row) => ({
    id: String(row["id"]),
    description: label === undefined || typeof row["label"] !== "string" ? null : row["label"] || null,
  }));
  const unique = isNamed ? await onlyOnce(place, choices) : new Set<string>();
  return choices.map(({ id, description }) => ({
    id,
    name: description !== null && unique.has(description) ? description : null,
    description,
  }));
};

/** Those of the names of these rows that stand for an id. */
const onlyOnce = async (
  place: Place,
  choices: readonly { readonly description: string | null }[],
): Promise<ReadonlySet<string>> => {
  const { label = place.key } = place.stored;
  const names = choices.map(({ description }) => description).filter((name) => name !== null);
  const query = seen(place);
  if (query === null || names.length === 0) return new Set();
  const rows = await query
    .where((eb) => eb.or([eb(label, "in", names), eb(place.key, "in", names)]))
    .execute();
  const ids = new Set(rows.map((row) => row["id"]));
  const all = rows.map((row) => row["label"]);
  const once = names.filter((name) => all.indexOf(name) === all.lastIndexOf(name));
  return new Set(once.filter((name) => !ids.has(name) && !isId(place.stored, name)));
};
