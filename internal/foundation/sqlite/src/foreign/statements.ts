import type { ForeignRead } from "./foreign-reader.ts";

/** A statement and its bound values. */
export type Statement = { readonly sql: string; readonly values: readonly (string | number)[] };

type Table = ForeignRead["tables"][number];

const name = /^[a-z_][a-z0-9_]*$/i;

/** A word or an integer. */
const literal = /^(?:[a-z]+|[0-9]{1,15})$/;

/**
 * Throws for an invalid read, which is our own mistake: an invalid name, or a value that SQLite cannot store.
 */
export const checkRead = ({ tables }: ForeignRead): void => {
  for (const { table, columns, after, among, where = [], orderBy, limit } of tables) {
    const clauses = [after, among].flatMap((clause) => clause?.column ?? []);
    const names = [table, orderBy, ...columns, ...clauses, ...where.map(([column]) => column)];
    for (const each of names)
      if (!name.test(each)) throw new TypeError(`Not a name of a table or column: ${each}`);
    if (columns.length === 0 || !Number.isSafeInteger(limit) || limit < 1)
      throw new TypeError(`A read of ${table} needs columns, and a limit from 1`);
    for (const [, is, value] of where)
      if (!["=", "<>"].includes(is) || !literal.test(String(value)))
        throw new TypeError(`Not a condition for ${table}: ${is} ${value}`);
    for (const value of [...(among?.values ?? []), after?.value ?? 0])
      if (!isBindable(value)) throw new TypeError(`A value for ${table} cannot be given to SQLite`);
  }
};

/** False for values that SQLite cannot store: libsql 0.5.29 truncates a text at its first NUL. */
const isBindable = (value: string | number): boolean =>
  typeof value === "string" ? !value.includes("\0") : Number.isFinite(value);

/** Selects the lengths of each row's texts, in bytes, without loading the texts. */
export const lengthsOf = (table: Table): Statement => {
  const lengths = table.columns.map((column) => `coalesce(octet_length("${column}"), 0)`);
  return rowsOf(table, lengths, table.limit);
};

/**
 * Selects three values for each column: its type, its length in bytes, and the value itself. A text is
 * selected as bytes, because libsql 0.5.29 ends the process on a text that is not UTF-8. A text over the
 * limit, or a blob, is not loaded.
 */
export const valuesOf = (table: Table, limit: number, maxTextBytes: number): Statement => {
  const cells = table.columns.flatMap((column) => {
    const text = `case when octet_length("${column}") <= ${maxTextBytes} then cast("${column}" as blob) end`;
    return [
      `typeof("${column}")`,
      `case typeof("${column}") when 'text' then ${text} when 'blob' then null else "${column}" end`,
    ];
  });
  return rowsOf(table, cells, limit);
};

const rowsOf = (
  { table, after, among, where: fixed = [], orderBy }: Table,
  cells: readonly string[],
  limit: number,
): Statement => {
  const clauses = [
    ...fixed.map(
      ([column, is, value]) => `"${column}" ${is} ${typeof value === "number" ? value : `'${value}'`}`,
    ),
    ...(after === undefined ? [] : [`"${after.column}" > ?`]),
    ...(among === undefined ? [] : [`"${among.column}" in (${among.values.map(() => "?").join(", ")})`]),
  ];
  const where = clauses.length === 0 ? "" : ` where ${clauses.join(" and ")}`;
  return {
    sql: `select ${cells.join(", ")} from main."${table}"${where} order by "${orderBy}" limit ?`,
    values: [...(after === undefined ? [] : [after.value]), ...(among?.values ?? []), limit],
  };
};
