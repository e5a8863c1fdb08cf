import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { bothRows, killWriterOf, makeFile, readOf, scratchFolder } from "./foreign-file.fixture.ts";
import type { ForeignReader } from "./foreign-reader.ts";
import { foreignReader } from "./open-foreign-reader.ts";

let folder: string;
let file: string;
let remove: () => void;
let reader: ForeignReader;

beforeEach(() => {
  [folder, remove] = scratchFolder();
  file = makeFile(join(folder, "outbound.db"));
  reader = foreignReader({
    program: [process.execPath, inject("programs")["foreign-child"]],
    deadlineMs: 20_000,
  });
});
afterEach(async () => {
  await reader.close();
  remove();
});

/** Both children of a reader have read it. */
const readTwice = async (): Promise<void> => {
  for (const answer of await Promise.all([1, 2].map(() => reader.read(readOf(file)))))
    expect(answer).toEqual(bothRows);
};

const contents = async (): Promise<unknown> => {
  const read = await reader.read(readOf(file));
  return read.ok ? read.value[0]?.map(({ values }) => values["content"]) : read.error.code;
};

const write = (sql: string): void => {
  const writer = new Libsql(file);
  writer.exec(sql);
  writer.close();
};

/** What `sql` makes of the schema, with SQLite's number of the schema as it was. */
const writeUnderhand = (sql: string): void => {
  const before = readFileSync(file).readUInt32BE(40);
  write(`pragma writable_schema = on; ${sql}`);
  const bytes = readFileSync(file);
  bytes.writeUInt32BE(before, 40);
  writeFileSync(file, bytes);
};

describe("a file that was read before", () => {
  test("gives what was committed since", async () => {
    await readTwice();
    for (let count = 0; count < 20; count += 1) {
      write(`update messages set content = 'new ${count}' where seq = 1`);
      expect(await contents()).toEqual([`new ${count}`, "two"]);
    }
  });

  test("is another one once its name leads to another", async () => {
    await readTwice();
    makeFile(`${file}.new`, "update messages set content = 'other'");
    renameSync(`${file}.new`, file);
    expect(await contents()).toEqual(["other", "other"]);
    rmSync(file);
    expect(await contents()).toBe("missing");
    symlinkSync(makeFile(`${file}.real`), file);
    expect(await contents()).toBe("not-a-file");
    rmSync(file);
    copyFileSync(`${file}.real`, file);
    expect(await contents()).toEqual(["one", "two"]);
  });

  test.each([
    ["another table", "create table more (id text)"],
    ["a missing index", "drop index by_id"],
    [
      "a view for its table",
      "drop table messages; create view messages as select 1 as seq, 2 as id, 3 as content",
    ],
  ])("is refused once it has %s", async (_name, sql) => {
    await readTwice();
    write(sql);
    expect(await contents()).toBe("other-schema");
    expect(await contents()).toBe("other-schema");
  });

  test("is read by the schema that was compared, where another one has its number", async () => {
    await readTwice();
    const endless = "with recursive n (n) as (select 1 union all select n + 1 from n) select n as seq from n";
    writeUnderhand(
      `update sqlite_schema set type = 'view', rootpage = 0, sql = 'create view messages as ${endless}'
        where name = 'messages'`,
    );
    expect(await contents()).toEqual(["one", "two"]);
    expect(await contents()).toEqual(["one", "two"]);
  });

  test("is read as it was before a transaction whose writer was killed", async () => {
    await readTwice();
    killWriterOf(file);
    expect(await contents()).toEqual(["one", "two"]);
    write("update messages set content = 'again'");
    expect(await contents()).toEqual(["again", "again"]);
  });

  test("is compared with what the caller asks for now", async () => {
    await readTwice();
    const read = readOf(file);
    expect(await reader.read({ ...read, schema: read.schema.slice(0, 1) })).toMatchObject({
      error: { code: "other-schema" },
    });
    expect(await contents()).toEqual(["one", "two"]);
  });

  test("keeps nobody from writing, and is read again after a writer held it", async () => {
    await readTwice();
    const writer = new Libsql(file);
    writer.exec("pragma busy_timeout = 0; begin exclusive; update messages set content = 'held'");
    expect(await contents()).toBe("busy");
    expect(await contents()).toBe("busy");
    writer.exec("commit");
    expect(await contents()).toEqual(["held", "held"]);
    writer.close();
  });
});

test("no more files stay open than are kept", { tags: ["slow"] }, async () => {
  const files = Array.from({ length: 100 }, (_, number) => makeFile(join(folder, `${number}.db`)));
  for (let round = 0; round < 3; round += 1)
    for (const each of files) expect(await reader.read(readOf(each))).toEqual(bothRows);
  const open = (): readonly number[] =>
    readers().map(
      (pid) => readdirSync(`/proc/${pid}/fd`).filter((fd) => namesFile(`/proc/${pid}/fd/${fd}`)).length,
    );
  // What was closed is closed for good when it is collected.
  await expect.poll(() => Math.max(...open()), { timeout: 20_000 }).toBeLessThan(60);
});

const readers = (): readonly number[] =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("gatehouse-foreign-"))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([own, parent]) => (own !== undefined && parent === process.pid ? [own] : []));

const namesFile = (link: string): boolean => {
  try {
    return execFileSync("readlink", [link], { encoding: "utf8" }).includes(folder);
  } catch {
    return false;
  }
};
