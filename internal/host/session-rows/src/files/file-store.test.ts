import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMessageTables } from "@gatehouse/central-database/testing";
import type { CentralTables } from "@gatehouse/central-database";
import { findFile, putFiles, removeFiles, removeExpired, type NewFile } from "./file-store.ts";

const now = "2026-11-23T12:00:00.000Z";
const options = { now, most: 2 ** 20 };
const place = { sessionId: "s-1", box: "in", messageId: "m-1" } as const;

const opened = async () => {
  const folder = mkdtempSync(join(tmpdir(), "file-store-"));
  const database = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!database.ok) throw new Error(database.error.code);
  const { db, close } = database.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  const rowsOf = async () => {
    const files = await db.selectFrom("session_files").select(["name", "is_whole"]).execute();
    const chunks = await db.selectFrom("session_file_chunks").select("n").execute();
    return { files: files.map(({ name }) => name), chunks: chunks.length };
  };
  return { db, rowsOf };
};

const read = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const phoneIsOff = new Error("The person's phone is off.");

describe("a file of a message", () => {
  test.for([0, 1, 262_143, 262_144, 262_145, 700_000])(
    "of %d bytes is read as it was written",
    async (size) => {
      const { db, rowsOf } = await opened();
      const bytes = Buffer.alloc(size, "abcdefg");
      expect(await putFiles(db, place, [{ name: "a", content: pieces(bytes, 100_000) }], options)).toEqual({
        ok: true,
        value: ["a"],
      });
      const found = await findFile(db, place, "a");
      if (!found.ok) expect.fail(found.error.detail);
      expect(found.value.size).toBe(size);
      expect((await read(found.value.content())).equals(bytes)).toBe(true);
      expect((await rowsOf()).chunks).toBe(Math.ceil(size / 262_144));
    },
  );

  test("that exists already stays as it is, and the new content is not read", async () => {
    const { db } = await opened();
    await putFiles(db, place, [{ name: "a", content: Buffer.from("first") }], options);
    const second: NewFile = { name: "a", content: pieces(Buffer.from("second"), 1) };
    expect((await putFiles(db, place, [second], options)).ok).toBe(true);
    const found = await findFile(db, place, "a");
    expect(found.ok && (await read(found.value.content())).toString()).toBe("first");
  });

  test("whose content breaks off is not stored, and leaves nothing", async () => {
    const { db, rowsOf } = await opened();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000);
      throw phoneIsOff;
    }
    expect(await putFiles(db, place, [{ name: "a", content: broken() }], options)).toMatchObject({
      error: { code: "unreadable", detail: "the file a cannot be read.", cause: phoneIsOff },
    });
    expect(await findFile(db, place, "a")).toMatchObject({ ok: false, error: { code: "missing" } });
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
  });

  test("that is longer than allowed is refused, and leaves nothing", async () => {
    const { db, rowsOf } = await opened();
    const file = { name: "a", content: Buffer.alloc(11) };
    expect(await putFiles(db, place, [file], { now, most: 10 })).toMatchObject({
      ok: false,
      error: { code: "too-large" },
    });
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
  });

  test.for([3, 5])("of 4 bytes that was announced with %d is refused, and leaves nothing", async (size) => {
    const { db, rowsOf } = await opened();
    expect(await putFiles(db, place, [{ name: "a", size, content: Buffer.alloc(4) }], options)).toMatchObject(
      {
        error: { code: "unreadable", detail: "the file a does not have the announced size." },
      },
    );
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
  });

  test("whose writer may write no more is refused, and leaves nothing", async () => {
    const { db, rowsOf } = await opened();
    const file = { name: "a", content: Buffer.from("late") };
    const put = await putFiles(db, place, [file], { ...options, mayWrite: async () => false });
    expect(put).toMatchObject({ ok: false, error: { code: "fenced" } });
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
  });

  test("is found only under its session, its box and its message", async () => {
    const { db } = await opened();
    await putFiles(db, place, [{ name: "a", content: Buffer.from("a") }], options);
    for (const other of [{ sessionId: "s-2" }, { box: "out" as const }, { messageId: "m-2" }])
      expect(await findFile(db, { ...place, ...other }, "a")).toMatchObject({ ok: false });
    for (const name of ["../a", ".a", "b"])
      expect(await findFile(db, place, name)).toMatchObject({ ok: false });
  });
});

describe("the files of a message", () => {
  const first = { name: "a", content: Buffer.from("one") };

  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("tw");
    throw phoneIsOff;
  }

  test("are not stored if a later one is refused", async () => {
    const { db, rowsOf } = await opened();
    const files = [first, { name: "b", content: Buffer.alloc(11) }];
    const put = await putFiles(db, place, files, { now, most: 10 });
    expect(put).toMatchObject({ ok: false, error: { code: "too-large" } });
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
  });

  test("are not stored if a later one breaks off; another attempt stores its own contents", async () => {
    const { db, rowsOf } = await opened();
    const files = [first, { name: "b", content: broken() }];
    expect(await putFiles(db, place, files, options)).toMatchObject({ error: { cause: phoneIsOff } });
    expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
    const again = [
      { name: "a", content: Buffer.from("newer") },
      { ...first, name: "b" },
    ];
    expect(await putFiles(db, place, again, options)).toEqual({ ok: true, value: ["a", "b"] });
    const found = await findFile(db, place, "a");
    expect(found.ok && (await read(found.value.content())).toString()).toBe("newer");
  });

  test("that existed before stay if a new one breaks off", async () => {
    const { db, rowsOf } = await opened();
    await putFiles(db, place, [first], options);
    const files = [first, { name: "b", content: broken() }];
    expect(await putFiles(db, place, files, options)).toMatchObject({ error: { cause: phoneIsOff } });
    expect(await rowsOf()).toEqual({ files: ["a"], chunks: 1 });
  });

  test("that two writers store at once are stored once, and both writers succeed", async () => {
    const { db, rowsOf } = await opened();
    const files = [first, { ...first, name: "b" }];
    const puts = await Promise.all([1, 2].map(() => putFiles(db, place, files, options)));
    expect(puts).toEqual([1, 2].map(() => ({ ok: true, value: ["a", "b"] })));
    expect(await rowsOf()).toEqual({ files: ["a", "b"], chunks: 2 });
  });
});

test("are refused for a message whose id is a path", async () => {
  const { db } = await opened();
  const put = await putFiles(
    db,
    { ...place, messageId: "a/b" },
    [{ name: "a", content: Buffer.from("a") }],
    options,
  );
  expect(put).toMatchObject({ ok: false, error: { code: "unsafe-id" } });
});

test("are removed with their message, and those of other messages stay", async () => {
  const { db, rowsOf } = await opened();
  for (const messageId of ["m-1", "m-2"])
    await putFiles(db, { ...place, messageId }, [{ name: messageId, content: Buffer.from("a") }], options);
  expect(await removeFiles(db, place)).toEqual({ ok: true, value: null });
  expect(await rowsOf()).toEqual({ files: ["m-2"], chunks: 1 });
  await removeFiles(db, { sessionId: "s-1" });
  expect(await rowsOf()).toEqual({ files: [], chunks: 0 });
});

test("are removed after their writer was killed, and those that arrive now stay", async () => {
  const { db, rowsOf } = await opened();
  const arriving = (id: string, expires_at: string) => ({
    id,
    session_id: "s-1",
    box: "in" as const,
    message_id: "m-1",
    name: id,
    bytes: 0,
    is_whole: 0 as const,
    expires_at,
  });
  await db
    .insertInto("session_files")
    .values([arriving("old", "2026-11-23T10:00:00.000Z"), arriving("new", "2026-11-23T13:00:00.000Z")])
    .execute();
  await removeExpired(db, now);
  expect((await rowsOf()).files).toEqual(["new"]);
});
