import { Buffer } from "node:buffer";
import type { Connection } from "./connection.ts";

/**
 * Compares the texts in a file's schema with the expected ones. SQLite builds each table and index only from
 * its text; the other columns do not matter. Returns a sentence about the first difference; null if there is
 * none.
 *
 * Indices that a table's own text creates have no text.
 */
export const checkSchema = (connection: Connection, expected: readonly string[]): string | null => {
  const longest = expected.reduce((most, text) => Math.max(most, Buffer.byteLength(text)), 0);
  const found = connection.all({
    sql: `select case when octet_length(sql) <= ${longest} then cast(sql as blob) end
      from sqlite_schema where sql is not null limit ?`,
    values: [expected.length + 1],
  });
  const missing = new Map<string, number>();
  for (const text of expected) missing.set(text, (missing.get(text) ?? 0) + 1);
  for (const [bytes] of found) {
    const text = bytes instanceof Uint8Array ? Buffer.from(bytes).toString("utf8") : "";
    const left = missing.get(text) ?? 0;
    if (left === 0) return "it has a table, index, view or trigger that is not expected";
    missing.set(text, left - 1);
  }
  return found.length === expected.length ? null : "a table or index is missing";
};
