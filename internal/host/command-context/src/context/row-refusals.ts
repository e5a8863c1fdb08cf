import type { Args, CommandError, Row } from "@nc/cli-scope";
import { select, type TableScope } from "./row-selects.ts";

const error = (code: CommandError["code"], message: string): CommandError => ({ code, message });

/** Why this new row may not be saved; null if no reason is known before the insert. */
export const createRefusal = async (
  { own, ...place }: TableScope,
  values: Args,
  row: Row,
): Promise<CommandError | null> => {
  const { stored } = place;
  const foreign = Object.entries(own).some(([column, value]) => (values[column] ?? value) !== value);
  if (foreign) return error("forbidden", `A ${stored.noun} of another agent group is out of reach.`);
  const problem = stored.problem?.(row) ?? null;
  if (problem !== null) return error("invalid-args", problem);
  const missing = await missingReference(place, row);
  return missing === null ? null : error("not-found", missing);
};

/**
 * Why an update is refused. A problem that the row had already, such as an imported row, does not block
 * updates.
 */
export const updateRefusal = (
  { stored }: Pick<TableScope, "stored">,
  before: Row,
  values: Args,
): CommandError | null => {
  const problem = stored.problem?.({ ...before, ...values }) ?? null;
  return problem === null || problem === stored.problem?.(before) ? null : error("invalid-args", problem);
};

/**
 * The sentence about a missing referenced row. Checked before the insert: the driver's error does not name
 * the key.
 */
const missingReference = async (
  { db, stored }: Pick<TableScope, "db" | "stored">,
  row: Row,
): Promise<string | null> => {
  for (const { column, table, noun, flag = flagOf(column) } of stored.references ?? []) {
    const value = row[column];
    if (typeof value !== "string") continue;
    const found = await db.selectFrom(table).select("id").where("id", "=", value).executeTakeFirst();
    if (found === undefined) return `There is no ${noun} "${value}" (${flag}).`;
  }
  return null;
};

const sameUnique = async (place: TableScope, row: Row): Promise<Row | null> => {
  const unique = place.stored.unique ?? [];
  if (unique.length === 0 || unique.some((column) => row[column] === undefined)) return null;
  const where = Object.fromEntries(unique.map((column) => [column, row[column] as string]));
  return (await select(place, where, 1))[0] ?? null;
};

/** The refusal for taken unique values. The message names the other row if it is within reach. */
export const takenValue = async (place: TableScope, row: Row): Promise<CommandError> =>
  takenBy(place, row, await sameUnique(place, row));

const takenBy = ({ stored }: TableScope, row: Row, other: Row | null): CommandError => {
  const said = (stored.unique ?? []).filter((column) => row[column] !== stored.defaults?.[column]);
  const names = said.map(flagOf).join(" and ");
  const which =
    other !== null && stored.idPrefix !== undefined && stored.id !== null
      ? `: ${String(other[stored.id])}`
      : "";
  return error("invalid-args", `There is a ${stored.noun} with this ${names} already${which}.`);
};

/** The flag of a column: `local_name` gives `--local-name`. */
const flagOf = (column: string): string => `--${column.replaceAll("_", "-")}`;
