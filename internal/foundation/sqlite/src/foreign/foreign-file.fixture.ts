import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";
import type { ForeignRead } from "./foreign-reader.ts";

/** The schema that a file must have, as SQLite stores it. */
export const schema: readonly string[] = [
  "CREATE TABLE messages (seq integer primary key, id text not null unique, content text)",
  "CREATE INDEX by_id on messages (id, seq)",
];

const rows = "insert into messages values (1, 'a', 'one'), (3, 'b', 'two')";

/** Makes a file with our schema and two rows, then runs `more` in it. */
export const makeFile = (file: string, more = "", before = ""): string => {
  const database = new Libsql(file);
  database.exec(`${before}; ${schema.join("; ")}; ${rows}; ${more}`);
  database.close();
  return file;
};

/** Makes a file with only these statements. */
export const makeOther = (file: string, statements: readonly string[]): void => {
  const database = new Libsql(file);
  database.exec(statements.join("; "));
  database.close();
};

/** A read of all columns, oldest row first. */
export const readOf = (file: string, orderBy = "seq"): ForeignRead => ({
  file,
  schema,
  maxBytes: 200 * 1024 * 1024,
  maxTextBytes: 1_000,
  tables: [{ table: "messages", columns: ["seq", "id", "content"], orderBy, limit: 10 }],
});

/** The result of a read of the two rows. */
export const bothRows: object = {
  ok: true,
  value: [
    [
      { values: { seq: 1, id: "a", content: "one" }, bad: [] },
      { values: { seq: 3, id: "b", content: "two" }, bad: [] },
    ],
  ],
};

/** Returns a folder, and a function that removes it. */
export const scratchFolder = (): readonly [string, () => void] => {
  const folder = mkdtempSync(join(tmpdir(), "foreign-test-"));
  return [folder, () => rmSync(folder, { recursive: true, force: true })];
};

/** Kills a writer in a transaction when half of the transaction is in the file. */
export const killWriterOf = (file: string): void => {
  const libsql = createRequire(import.meta.url).resolve("libsql");
  const rowsAhead = "with recursive n (n) as (select 10 union all select n + 1 from n where n < 300)";
  const statements = `pragma cache_size = 1; pragma synchronous = off; begin immediate; update messages set content = 'never';
    ${rowsAhead} insert into messages select n, 'id' || n, hex(randomblob(500)) from n`;
  const program = `new (require(${JSON.stringify(libsql)}))(${JSON.stringify(file)})
    .exec(${JSON.stringify(statements)}); process.kill(process.pid, "SIGKILL")`;
  const { signal, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  if (signal !== "SIGKILL") throw new Error(stderr);
};

/** Makes a hot journal one of several: appends the name of their super-journal, as SQLite does. */
export const nameInJournal = (journal: string, named: string): void => {
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

const pageSize = 512;
const levels = 18;

/**
 * Makes a file of a few kilobytes in which a scan finds 60 to the power of 18 rows: all children of each tree
 * page are the next page.
 */
export const makeEndless = (file: string): void => {
  makeFile(file, "", `pragma page_size = ${pageSize}`);
  const bytes = readFileSync(file);
  const found = new Libsql(file);
  const [root] = found
    .prepare("select rootpage from sqlite_schema where name = 'messages'")
    .raw(true)
    .all() as [[number]];
  found.close();
  const first = bytes.length / pageSize;
  const leaf = Buffer.from(bytes.subarray((root[0] - 1) * pageSize, root[0] * pageSize));
  const chain = Array.from({ length: levels }, (_, level) => interior(first + level + 1));
  interior(first + 1).copy(bytes, (root[0] - 1) * pageSize);
  bytes.writeUInt32BE(first + levels + 1, 28);
  writeFileSync(file, Buffer.concat([bytes, ...chain.slice(1), leaf, leaf]));
};

/** A page of a table's tree whose children are all the same page. */
const interior = (child: number): Buffer => {
  const page = Buffer.alloc(pageSize);
  const cells = 60;
  const at = pageSize - cells * 5;
  page[0] = 5;
  page.writeUInt16BE(cells, 3);
  page.writeUInt16BE(at, 5);
  page.writeUInt32BE(child, 8);
  for (let cell = 0; cell < cells; cell += 1) {
    page.writeUInt16BE(at + cell * 5, 12 + cell * 2);
    page.writeUInt32BE(child, at + cell * 5);
    page[at + cell * 5 + 4] = cell + 1;
  }
  return page;
};
