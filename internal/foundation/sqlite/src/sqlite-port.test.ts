import type Libsql from "libsql";
import { expect, test } from "vitest";
import { sqlitePort } from "./sqlite-port.ts";

test("sqlitePort keeps only the 256 most recently used statements prepared", () => {
  const prepared: string[] = [];
  const prepare = (sql: string) => {
    prepared.push(sql);
    return { reader: true, all: () => [], run: () => undefined };
  };
  const port = sqlitePort({ prepare } as unknown as Libsql.Database);
  const ask = (sql: string): boolean => {
    const before = prepared.length;
    port.prepare(sql);
    return prepared.length === before;
  };
  for (let number = 0; number < 256; number += 1) ask(`select ${number}`);
  expect(ask("select 0")).toBe(true);
  expect(ask("select 256")).toBe(false);
  // The least recently used statement was dropped, not the oldest one.
  expect(ask("select 0")).toBe(true);
  expect(ask("select 1")).toBe(false);
});
