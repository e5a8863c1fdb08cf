import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { killWriterOf, makeFile, nameInJournal, scratchFolder } from "./foreign/foreign-file.fixture.ts";
import { readForeignTables } from "./foreign-tables.ts";

let folder: string;
let file: string;
beforeEach(() => {
  const [made, remove] = scratchFolder();
  onTestFinished(remove);
  folder = made;
  file = join(folder, "outbound.db");
  killWriterOf(makeFile(file));
});

test("rolls back the transaction of a killed writer only in the copy", async () => {
  const before = [readFileSync(file), readFileSync(`${file}-journal`)];
  expect(await readForeignTables(file)).toMatchObject({
    value: { messages: [{ content: "one" }, { content: "two" }] },
  });
  expect([readFileSync(file), readFileSync(`${file}-journal`)]).toEqual(before);
});

test("refuses a hot journal that names another file, and keeps that file", async () => {
  const victim = join(folder, "victim");
  writeFileSync(victim, "/etc/hostname");
  nameInJournal(`${file}-journal`, victim);
  const detail = "its journal names another journal";
  const refused = { ok: false, error: { code: "file-unreadable", file, detail } };
  expect(await readForeignTables(file)).toEqual(refused);
  expect(readFileSync(victim, "utf8")).toBe("/etc/hostname");
});
