import { lstatSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { ForeignRead, ForeignReader, ForeignReadRow, ForeignValue } from "@gatehouse/sqlite";
import Libsql from "libsql";

/** Says how often it was asked. */
export type CountingReader = ForeignReader & { readonly reads: () => number };

/**
 * The port for foreign files, for tests whose files are well-formed: it reads in this process. It compares the
 * schema and refuses what a writer holds, as the real one does.
 */
export const inProcessReader = (): CountingReader => {
  let reads = 0;
  return {
    reads: () => reads,
    read: async (read) => {
      reads += 1;
      const there = lstatSync(read.file, { throwIfNoEntry: false });
      if (there === undefined) return { ok: false, error: { code: "missing", detail: read.file } };
      if (!there.isFile()) return { ok: false, error: { code: "not-a-file", detail: read.file } };
      return readFile(read);
    },
    close: async () => undefined,
  };
};

const readFile = (read: ForeignRead): Awaited<ReturnType<ForeignReader["read"]>> => {
  const database = new Libsql(`${pathToFileURL(read.file).href}?mode=ro`);
  try {
    database.exec("begin; select 1 from sqlite_schema limit 1");
    const texts = database.prepare("select sql from sqlite_schema where sql is not null").all();
    const names = (texts as { sql: string }[]).map(({ sql }) => sql);
    if (JSON.stringify(names.toSorted()) !== JSON.stringify(read.schema.toSorted()))
      return { ok: false, error: { code: "other-schema", detail: "its tables are not ours" } };
    return { ok: true, value: read.tables.map((table) => rowsOf(database, table)) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code.startsWith("SQLITE_BUSY")) return { ok: false, error: { code: "busy", detail: code } };
    if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return { ok: false, error: { code: "damaged", detail: code } };
    throw error;
  } finally {
    if (database.inTransaction) database.exec("rollback");
    database.close();
  }
};

const rowsOf = (
  database: Libsql.Database,
  { table, columns, after, among, where: fixed = [], orderBy, limit }: ForeignRead["tables"][number],
): readonly ForeignReadRow[] => {
  const where = [
    ...fixed.map(
      ([column, is, value]) => `${column} ${is} ${typeof value === "number" ? value : `'${value}'`}`,
    ),
    ...(after === undefined ? [] : [`${after.column} > ?`]),
    ...(among === undefined ? [] : [`${among.column} in (${among.values.map(() => "?").join(", ")})`]),
  ];
  const query = `select ${columns.join(", ")} from ${table}
    ${where.length === 0 ? "" : `where ${where.join(" and ")}`} order by ${orderBy} limit ?`;
  const values = [...(after === undefined ? [] : [after.value]), ...(among?.values ?? []), limit];
  const rows = database.prepare(query).all(values) as Record<string, ForeignValue>[];
  return rows.map((row) => ({ values: row, bad: [] }));
};
