import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { readForeignTables } from "./foreign-tables.ts";

const slow = { tags: ["slow"] };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foreign-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  file = join(folder, "outbound.db");
  const database = new Libsql(file);
  database.exec("create table messages (seq integer primary key, id text not null unique, content text)");
  database.exec("insert into messages values (1, 'a', 'one'), (3, 'b', 'two')");
  database.close();
  killWriterOf(file);
});

test("readForeignTables rolls back the transaction of a killed writer only in its copy", slow, async () => {
  const before = [readFileSync(file), readFileSync(`${file}-journal`)];
  expect(await readForeignTables(file)).toMatchObject({
    value: { messages: [{ content: "one" }, { content: "two" }] },
  });
  expect([readFileSync(file), readFileSync(`${file}-journal`)]).toEqual(before);
});

test(
  "readForeignTables refuses a hot journal that names another file, and keeps that file",
  slow,
  async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "/etc/hostname");
    nameInJournal(`${file}-journal`, victim);
    const detail = "its journal names another journal";
    const refused = { ok: false, error: { code: "file-unreadable", file, detail } };
    expect(await readForeignTables(file)).toEqual(refused);
    expect(readFileSync(victim, "utf8")).toBe("/etc/hostname");
  },
);

/** Kills a writer in a transaction when half of the transaction is in the file. */
const killWriterOf = (path: string): void => {
  const libsql = createRequire(import.meta.url).resolve("libsql");
  const rowsAhead = "with recursive n (n) as (select 10 union all select n + 1 from n where n < 300)";
  const statements = `pragma cache_size = 1; pragma synchronous = off; begin immediate; update messages set content = 'never';
    ${rowsAhead} insert into messages select n, 'id' || n, hex(randomblob(500)) from n`;
  const program = `new (require(${JSON.stringify(libsql)}))(${JSON.stringify(path)})
    .exec(${JSON.stringify(statements)}); process.kill(process.pid, "SIGKILL")`;
  const { signal, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  if (signal !== "SIGKILL") throw new Error(stderr);
};

/** Appends the name of a super-journal to a hot journal, as SQLite does for a transaction over several files. */
const nameInJournal = (journal: string, named: string): void => {
  const name = Buffer.from(named);
  const end = Buffer.alloc(16);
  end.writeUInt32BE(name.length, 0);
  end.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    4,
  );
  end.write("d9d505f920a163d7", 8, "hex");
  const page = Buffer.alloc(4);
  // The lock page, which no journal contains.
  page.writeUInt32BE(0x40000000 / 4096 + 1);
  writeFileSync(journal, Buffer.concat([readFileSync(journal), page, name, end]));
};
