import Libsql from "libsql";
import { expect, test } from "vitest";
import { checkRead, lengthsOf, valuesOf } from "./statements.ts";

const table = { table: "messages", columns: ["content"], orderBy: "seq", limit: 10 };

test("a condition uses its partial index, without sorting", () => {
  const database = new Libsql(":memory:");
  database.exec(`create table messages (seq integer primary key, trigger integer, status text, content text);
    create index next on messages (trigger, seq) where status = 'pending' and content <> 'system'`);
  const where = [
    ["trigger", "=", 1],
    ["status", "=", "pending"],
    ["content", "<>", "system"],
  ] as const;
  const read = { ...table, where };
  const plans = [lengthsOf(read), valuesOf(read, 10, 100)].map(({ sql, values }) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all([...values])
      .map((row) => (row as { detail: string }).detail),
  );
  database.close();
  const used = ["SEARCH main.messages USING INDEX next (trigger=?)"];
  expect(plans).toEqual([used, used]);
});

test.each(["x' or 1 = 1 --", "", -1.5, Number.NaN])("refuses a condition on %j", (value) => {
  const read = { file: "/f", schema: [], maxBytes: 1, maxTextBytes: 1 };
  const tables = [{ ...table, where: [["content", "=", value]] as const }];
  expect(() => checkRead({ ...read, tables })).toThrow("Not a condition");
});
