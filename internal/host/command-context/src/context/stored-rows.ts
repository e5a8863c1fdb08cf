import { sql, type Kysely } from "kysely";
import type { Args, CommandError, Reach, Row, Rows } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { refused } from "./reply.ts";
import { createRefusal, takenValue, updateRefusal } from "./row-refusals.ts";
import {
  byId,
  idIs,
  idOf,
  matching,
  pairsOf,
  present,
  select,
  type AnyTables,
  type Condition,
  type TableScope,
  type RowDeps,
} from "./row-selects.ts";
import type { Dependent, StoredTable } from "./stored-table.ts";

/** The rows of one resource, also by columns other than the key. */
export type StoredRows = Required<Rows> & {
  /** Deletes the rows with these values and returns them; null matches a column that is null. */
  readonly remove: (where: Args) => Promise<readonly Row[]>;
};

/**
 * The rows of a table within the reach. Within one group every query has that group in its WHERE, and every
 * new row belongs to that group, for any values of the caller.
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

const create = async (place: TableScope, values: Args): Promise<Result<Row, CommandError>> => {
  const { db, stored, own, deps } = place;
  const made = stored.idPrefix === undefined ? {} : { [idOf(stored)]: deps.id(stored.idPrefix) };
  const filled = { ...stored.defaults, ...stored.derived?.(values) };
  const row: Args = { ...filled, ...values, ...made, ...own, [stored.stamp]: deps.now() };
  const refusal = await createRefusal(place, values, row);
  if (refusal !== null) return { ok: false, error: refusal };
  const saved = await db
    .insertInto(stored.table)
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning(stored.columns)
    .executeTakeFirst();
  if (saved === undefined) return { ok: false, error: await takenValue(place, row) };
  const more = await stored.complete?.(db as unknown as Kysely<CentralTables>, saved);
  return { ok: true, value: { ...present(stored)(saved), ...more } };
};

const update = async (
  place: TableScope,
  id: string,
  values: Args,
): Promise<Result<Row | null, CommandError>> => {
  const { db, stored } = place;
  const before = await byId(place, id);
  if (before === null) return { ok: true, value: null };
  const refusal = updateRefusal(place, before, values);
  if (refusal !== null) return { ok: false, error: refusal };
  const saved = await db
    .updateTable(stored.table)
    .set(values)
    .where(matching(pairsOf(place, idIs(stored, id))))
    .returning(stored.columns)
    .executeTakeFirst();
  return { ok: true, value: saved === undefined ? null : present(stored)(saved) };
};

/**
 * Deletes a row. Returns it with the numbers of deleted dependent rows and of sessions that are being
 * stopped.
 */
const deleteOne = async (place: TableScope, id: string): Promise<Row | null> => {
  const { stored } = place;
  const found = await byId(place, id);
  if (found === null) return null;
  const stopping = await stopSessionsOf(place, found);
  const removed = await deleteDependents(place, id);
  const [row] = await remove(place, idIs(stored, id));
  if (row === undefined) return null;
  return {
    ...row,
    ...(stored.dependents === undefined ? {} : { removed }),
    ...(stopping === 0 ? {} : { stopping }),
  };
};

/**
 * Asks to stop the sessions that lose their group, chat or wiring when this row is deleted, with one intent
 * for each group. The intents name the sessions now, since their rows may be gone when the intents are
 * carried out. Returns the number of sessions.
 */
const stopSessionsOf = async ({ db, stored, deps }: TableScope, row: Row): Promise<number> => {
  if (stored.sessionsBy === undefined) return 0;
  let query = db.selectFrom("sessions").select(["id", "agent_group_id"]);
  for (const [column, of] of Object.entries(stored.sessionsBy)) query = query.where(column, "=", row[of]);
  const sessions = await query
    .where((eb) => eb.or([eb("status", "=", "active"), eb("container_status", "!=", "stopped")]))
    .orderBy("id")
    .execute();
  for (const groupId of new Set(sessions.map((session) => String(session["agent_group_id"])))) {
    const own = sessions.filter((session) => session["agent_group_id"] === groupId);
    const reason = `its ${stored.noun} was deleted`;
    await deps.askSessions(
      "stop",
      { sessionIds: own.map(({ id }) => String(id)), groupId, message: null, reason },
      `${stored.plural} delete`,
    );
  }
  return sessions.length;
};

const remove = async (place: TableScope, where: Args): Promise<readonly Row[]> => {
  const { db, stored } = place;
  const gone = await db
    .deleteFrom(stored.table)
    .where(matching(pairsOf(place, where)))
    .returning(stored.columns)
    .execute();
  return gone.map(present(stored));
};

/** Counts the dependent rows, and deletes those that foreign keys do not delete. */
const deleteDependents = async (
  { db, stored }: TableScope,
  id: string,
): Promise<Readonly<Record<string, number>>> => {
  const removed: Record<string, number> = {};
  for (const dependent of stored.dependents ?? []) {
    const refersToRow = referringTo(dependent, id);
    const { count } = await db
      .selectFrom(dependent.table)
      .select(sql<number>`count(*)`.as("count"))
      .where(refersToRow)
      .executeTakeFirstOrThrow();
    removed[dependent.what] = Number(count);
    if (dependent.clear !== undefined) await db.deleteFrom(dependent.table).where(refersToRow).execute();
  }
  return removed;
};

const referringTo =
  ({ column, through, clear }: Dependent, id: string): Condition =>
  (eb) => {
    const key =
      through === undefined
        ? eb(column, "=", id)
        : eb(column, "in", eb.selectFrom(through.table).select("id").where(through.column, "=", id));
    return clear === undefined ? eb.and([key]) : eb.and([key, eb(clear[0], "=", clear[1])]);
  };

/** Fails closed: rows that belong to no group are hidden. */
const rowsOutOfReach = ({ noun }: StoredTable): StoredRows => ({
  list: () => Promise.resolve({ ok: true, value: [] }),
  get: () => Promise.resolve({ ok: true, value: null }),
  create: () => Promise.resolve(refused("forbidden", `A ${noun} belongs to no single agent group.`)),
  update: () => Promise.resolve({ ok: true, value: null }),
  delete: () => Promise.resolve({ ok: true, value: null }),
  remove: () => Promise.resolve([]),
});
