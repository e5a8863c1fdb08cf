import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, inject, test } from "vitest";
import {
  bothRows,
  killWriterOf,
  makeEndless,
  makeFile,
  makeOther,
  nameInJournal,
  readOf,
  schema,
  scratchFolder,
} from "./foreign-file.fixture.ts";
import type { ForeignReader, ForeignReadError } from "./foreign-reader.ts";
import { foreignReader } from "./open-foreign-reader.ts";

const open = (deadlineMs: number): ForeignReader =>
  foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]], deadlineMs });

/** The processes that a process has started. */
const childrenOf = (pid: number): readonly number[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("gatehouse-foreign-"))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([own, parent]) => (own !== undefined && parent === pid ? [own] : []));

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

let reader: ForeignReader;
let folder: string;
let file: string;
let remove: () => void;

beforeAll(() => {
  // A busy machine is not what is tested.
  reader = open(20_000);
});
afterAll(() => reader.close());
beforeEach(() => {
  [folder, remove] = scratchFolder();
  file = join(folder, "outbound.db");
});
afterEach(() => remove());

const [table = "", index = ""] = schema;
const endless = "with recursive n (n) as (select 1 union all select n + 1 from n)";
const columns = "seq integer primary key, id text not null unique, content text";

const refused: readonly (readonly [string, ForeignReadError["code"], (file: string) => void])[] = [
  ["no file", "missing", () => undefined],
  ["a file without a byte", "missing", (at) => writeFileSync(at, "")],
  ["a link", "not-a-file", (at) => symlinkSync(makeFile(`${at}.real`), at)],
  ["a link to nothing", "not-a-file", (at) => symlinkSync(`${at}.real`, at)],
  ["a second name", "not-a-file", (at) => linkSync(makeFile(`${at}.real`), at)],
  ["a FIFO", "not-a-file", (at) => void spawnSync("mkfifo", [at])],
  ["a folder", "not-a-file", (at) => mkdirSync(at)],
  ["a FIFO as journal", "not-a-file", (at) => void spawnSync("mkfifo", [`${makeFile(at)}-journal`])],
  ["4 GB sparse", "too-large", (at) => truncateSync(makeFile(at), 4 * 2 ** 30)],
  ["no database", "not-a-database", (at) => writeFileSync(at, "x".repeat(8192))],
  ["WAL mode", "other-schema", (at) => makeFile(at, "", "pragma journal_mode = wal")],
  ["a log beside it", "other-schema", (at) => writeFileSync(`${makeFile(at)}-wal`, "")],
  ["texts in UTF-16", "other-schema", (at) => makeFile(at, "", "pragma encoding = 'UTF-16le'")],
  ["another column", "other-schema", (at) => makeFile(at, "alter table messages add column more text")],
  ["another table", "other-schema", (at) => makeFile(at, "create table more (id text)")],
  ["a missing index", "other-schema", (at) => makeOther(at, [table])],
  ["an index without its table", "damaged", (at) => makeFile(at, withoutTable)],
  ["a view for a table", "other-schema", (at) => makeOther(at, [viewForTable])],
  [
    "a trigger",
    "other-schema",
    (at) => makeFile(at, "create trigger t after insert on messages begin select 1; end"),
  ],
  ["a virtual table", "other-schema", (at) => makeFile(at, "create virtual table more using fts5 (text)")],
  [
    "an expression index",
    "other-schema",
    (at) => makeFile(at, "create index more on messages (hex(content))"),
  ],
  ["a generated column that never ends", "other-schema", (at) => makeOther(at, [generated, index])],
  ["statistics for the planner", "other-schema", (at) => makeFile(at, "analyze")],
  ["a corrupt page", "damaged", (at) => overwrite(makeFile(at), 4096, 4096)],
  ["a schema that cannot be parsed", "damaged", (at) => makeFile(at, unparsable)],
];

const withoutTable = `pragma writable_schema = on;
  update sqlite_schema set sql = 'CREATE INDEX by_id on messages (id, seq)' where name = 'messages'`;
const viewForTable = `create view messages as ${endless} select n as seq, n as id, n as content from n`;
const heavy = "hex(zeroblob(100000000)) || hex(zeroblob(100000000))";
const generated = `CREATE TABLE messages (${columns.replace("content text", `content text as (${heavy})`)})`;
const unparsable = `pragma writable_schema = on;
  update sqlite_schema set sql = 'CREATE TABLE messages (' || x'ff' where name = 'messages'`;

const overwrite = (at: string, from: number, length: number): void => {
  const fd = openSync(at, "r+");
  writeSync(fd, Buffer.alloc(length, 0xa5), 0, length, from);
  closeSync(fd);
};

/** What is in a folder: names and, of small files, contents. */
const contentOf = (at: string): readonly string[] =>
  readdirSync(at, { withFileTypes: true }).map((entry) =>
    entry.isFile() && !entry.name.endsWith(".db")
      ? `${entry.name} ${readFileSync(join(at, entry.name)).length}`
      : entry.name,
  );

describe("a foreign file is refused", () => {
  test.each(refused)("%s: %s", async (_name, code, make) => {
    make(file);
    const before = contentOf(folder);
    expect(await reader.read(readOf(file))).toEqual({
      ok: false,
      error: { code, detail: expect.any(String) },
    });
    expect(contentOf(folder)).toEqual(before);
  });

  test("in a folder that is a link", async () => {
    makeFile(file);
    symlinkSync(folder, `${folder}.link`);
    const read = readOf(join(`${folder}.link`, "outbound.db"));
    expect(await reader.read(read)).toMatchObject({ error: { code: "not-a-file" } });
    spawnSync("rm", [`${folder}.link`]);
    expect(await reader.read(readOf(file))).toEqual(bothRows);
  });

  test("with a hot journal that names another file, which stays", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "/etc/hostname");
    killWriterOf(makeFile(file));
    nameInJournal(`${file}-journal`, victim);
    expect(await reader.read(readOf(file))).toMatchObject({ error: { code: "damaged" } });
    expect(readFileSync(victim, "utf8")).toBe("/etc/hostname");
  });
});

describe("a foreign file is read", () => {
  const first = (read: Awaited<ReturnType<ForeignReader["read"]>>): unknown =>
    read.ok ? read.value[0]?.[0] : read;

  test.each([
    ["not UTF-8", "update messages set content = cast(x'61ff' as text) where seq = 1"],
    ["with a NUL", "update messages set content = cast(x'610062' as text) where seq = 1"],
    ["longer than allowed", `update messages set content = '${"é".repeat(501)}' where seq = 1`],
    ["a blob", "update messages set content = x'61' where seq = 1"],
    ["of 100 MB", "update messages set content = hex(zeroblob(50000000)) where seq = 1"],
  ])("a text %s cannot be used, and all else can", async (_name, change) => {
    makeFile(file, change);
    expect(first(await reader.read(readOf(file)))).toEqual({
      values: { seq: 1, id: "a", content: null },
      bad: ["content"],
    });
  });

  test.each([
    ["as long as allowed", `'${"é".repeat(500)}'`, "é".repeat(500)],
    ["empty", "''", ""],
    ["null", "null", null],
  ])("a text %s", async (_name, sql, content) => {
    makeFile(file, `update messages set content = ${sql} where seq = 1`);
    expect(first(await reader.read(readOf(file)))).toEqual({ values: { seq: 1, id: "a", content }, bad: [] });
  });

  test("only rows above a number, or with one of the ids, as many as asked for", async () => {
    makeFile(file, "insert into messages values (5, 'c', 'x'), (9007199254740993, 'd', 'y')");
    const all = { table: "messages", columns: ["seq"], orderBy: "seq", limit: 10 };
    const tables = [
      { ...all, after: { column: "seq", value: 3 } },
      { ...all, among: { column: "id", values: ["a", "c", "z"] } },
      { ...all, after: { column: "seq", value: 1 }, limit: 1 },
    ];
    const answer = await reader.read({ ...readOf(file), tables });
    const numbers = answer.ok ? answer.value.map((rows) => rows.map(({ values }) => values["seq"])) : answer;
    expect(numbers).toEqual([[5, 9007199254740993n], [1, 5], [3]]);
  });

  test("in parts, where the texts of all rows are more than the host takes in at once", async () => {
    const many = "with recursive n (n) as (select 10 union all select n + 1 from n where n < 40)";
    makeFile(file, `${many} insert into messages select n, n, hex(zeroblob(50000)) from n`);
    const [all] = readOf(file).tables;
    const read = { ...readOf(file), maxTextBytes: 200_000, tables: [{ ...all!, limit: 100 }] };
    const answer = await reader.read(read);
    const rows = answer.ok ? (answer.value[0] ?? []) : [];
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.length).toBeLessThan(15);
    expect(rows.map(({ values }) => values["seq"])).toEqual([1, 3, ...rows.slice(2).map((_, at) => at + 10)]);
  });

  test("as it was before a transaction whose writer was killed, and left as it is", async () => {
    killWriterOf(makeFile(file));
    const before = [readFileSync(file), readFileSync(`${file}-journal`)];
    expect(await reader.read(readOf(file))).toEqual(bothRows);
    expect([readFileSync(file), readFileSync(`${file}-journal`)]).toEqual(before);
    expect(contentOf(folder)).toHaveLength(2);
  });

  test("beside a writer that has not committed, but not while it holds the file", async () => {
    const writer = new Libsql(makeFile(file));
    writer.exec("begin immediate; delete from messages");
    expect(await reader.read(readOf(file))).toEqual(bothRows);
    writer.exec("rollback; begin exclusive");
    expect(await reader.read(readOf(file))).toMatchObject({ error: { code: "busy" } });
    // A reader leaves no lock behind.
    writer.exec("delete from messages where seq = 1; commit");
    expect(first(await reader.read(readOf(file)))).toMatchObject({ values: { seq: 3 } });
    writer.close();
  });

  test("until it has grown too large", async () => {
    makeFile(file);
    const read = { ...readOf(file), maxBytes: 1_000_000 };
    for (let size = 100_000; size <= 1_000_000; size += 100_000) {
      truncateSync(file, size);
      expect(await reader.read(read)).toEqual(bothRows);
    }
    truncateSync(file, 1_000_001);
    expect(await reader.read(read)).toMatchObject({ error: { code: "too-large" } });
  });
});

test("a name that is no name of a column is our mistake, and thrown", async () => {
  const tables = [{ table: "messages", columns: ['seq" from messages --'], orderBy: "seq", limit: 1 }];
  await expect(reader.read({ ...readOf(file), tables })).rejects.toThrow(TypeError);
});

test("gives up a table that never ends, and reads the next file in another child", async () => {
  const impatient = open(2_000);
  makeFile(file);
  const slow = join(folder, "endless.db");
  makeEndless(slow);
  expect(await impatient.read(readOf(slow, "content"))).toMatchObject({ error: { code: "too-slow" } });
  expect(await impatient.read(readOf(file))).toEqual(bothRows);
  await impatient.close();
});

describe("the child ends", () => {
  test("with `close`, which answers the reads that wait", async () => {
    // Another test file of this process may have a reader that goes on.
    const others = childrenOf(process.pid);
    const closing = open(60_000);
    const slow = join(folder, "endless.db");
    makeEndless(slow);
    await closing.read(readOf(makeFile(file)));
    const reads = [1, 2, 3].map(() => closing.read(readOf(slow, "content")));
    const children = childrenOf(process.pid).filter((pid) => !others.includes(pid));
    expect(children).toHaveLength(1);
    await closing.close();
    expect(children.filter(isRunning)).toEqual([]);
    for (const answer of await Promise.all(reads))
      expect(answer).toMatchObject({ error: { code: "closed" } });
    expect(await closing.read(readOf(file))).toMatchObject({ error: { code: "closed" } });
  });

  test("with a host that is killed in the middle of a read without end", { tags: ["slow"] }, async () => {
    const slow = join(folder, "endless.db");
    makeEndless(slow);
    const { "foreign-host": program, "foreign-child": child } = inject("programs");
    const host = spawn(process.execPath, [program, child, makeFile(file), slow], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(host.stdout, "data");
    const children = childrenOf(host.pid ?? 0);
    expect(children).toHaveLength(1);
    host.kill("SIGKILL");
    await expect.poll(() => children.filter(isRunning), { timeout: 20_000 }).toEqual([]);
  });
});
