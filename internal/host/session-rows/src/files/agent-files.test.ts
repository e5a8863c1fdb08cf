import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMessageTables } from "@gatehouse/central-database/testing";
import type { CentralTables, FileBox } from "@gatehouse/central-database";
import { openSqlite } from "@gatehouse/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { must, projectionOf, start } from "../testing/contract-case.ts";
import { openHostSide, project } from "../rows/host-side.ts";
import { sessionSignals } from "../rows/session-signals.ts";
import { agentFiles } from "./agent-files.ts";
import { removeExpired } from "./file-store.ts";

/** A database with the session s-1 of the group ag-1, whose first agent runs. */
const opened = async () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-files-"));
  const database = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!database.ok) throw new Error(database.error.code);
  const { db, close } = database.value;
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  await createMessageTables(db);
  const signals = sessionSignals();
  for (const sessionId of ["s-1", "s-2"])
    await must(openHostSide({ db, signals, sessionId, token: 1 }).transact(project(projectionOf())));
  const keep = (
    box: FileBox,
    bytes: number,
    changes: { sender_group_id?: string | null; session_id?: string } = {},
  ) =>
    db
      .insertInto("session_files")
      .values({
        id: `f-${box}-${bytes}`,
        session_id: "",
        box,
        message_id: `m-${bytes}`,
        name: "a",
        bytes,
        is_whole: 1,
        expires_at: "2026-12-23T12:00:00.000Z",
        sender_group_id: "ag-1",
        ...changes,
      })
      .execute();
  const put = (groupId: string, sessionId = "s-1") =>
    agentFiles(db, { sessionId, incarnation: 1, groupId }, () => start).put(`m-${groupId}`, {
      name: "a",
      content: Buffer.from("a"),
    });
  return { db, keep, put };
};

/** The bound, and the size of the largest file, for which there must be room. */
const [most, largest] = [2_097_152_000, 20_971_520];

const refused = {
  ok: false,
  error: {
    code: "too-large",
    detail: expect.stringMatching(/^the host keeps 2097 MB of files that this group sent/) as unknown,
  },
};

describe("a file of a group whose kept files leave no room", () => {
  test.for<{ box: FileBox; session: string; where: string }>([
    { box: "out", session: "s-1", where: "wait in the same session" },
    { box: "out", session: "s-2", where: "wait in another session of the group" },
    { box: "chat-out", session: "", where: "were delivered to a chat, and wait for a client" },
    { box: "in", session: "s-9", where: "were delivered to another group's agent" },
  ])("is refused if they $where", async ({ box, session }) => {
    const { db, keep, put } = await opened();
    await keep(box, most - largest + 1, { session_id: session });
    expect(await put("ag-1")).toEqual(refused);
    expect(await db.selectFrom("session_file_chunks").select("n").execute()).toEqual([]);
    expect(await put("ag-2")).toEqual({ ok: true, value: null });
  });

  test("is refused if they are of several chats", async () => {
    const { keep, put } = await opened();
    for (const part of [0, 1, 2, 3]) await keep("chat-out", most / 4 - part);
    expect(await put("ag-1")).toEqual(refused);
  });

  test("is accepted once the kept ones were removed", async () => {
    const { db, keep, put } = await opened();
    await keep("chat-out", most);
    expect(await put("ag-1")).toEqual(refused);
    await removeExpired(db, "2026-12-23T12:00:00.001Z");
    expect(await put("ag-1")).toEqual({ ok: true, value: null });
  });
});

describe("a file of a group is accepted", () => {
  test("if one of the largest size still has room", async () => {
    const { keep, put } = await opened();
    await keep("chat-out", most - largest);
    expect(await put("ag-1")).toEqual({ ok: true, value: null });
  });

  test("whatever people and other groups have sent", async () => {
    const { keep, put } = await opened();
    await keep("in", most, { sender_group_id: null, session_id: "s-1" });
    await keep("out", most, { sender_group_id: "ag-2", session_id: "s-3" });
    expect(await put("ag-1")).toEqual({ ok: true, value: null });
  });
});

test("an agent's file is kept under its group", async () => {
  const { db, put } = await opened();
  await put("ag-1");
  expect(await db.selectFrom("session_files").select(["sender_group_id", "bytes"]).execute()).toEqual([
    { sender_group_id: "ag-1", bytes: 1 },
  ]);
});
