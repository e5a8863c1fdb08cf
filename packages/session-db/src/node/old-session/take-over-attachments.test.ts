import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { inbound, must, outbound, projectionOf } from "../../testing/contract-case.ts";
import { findFile, type FilePlace } from "../files/file-store.ts";
import { openAgentSide } from "../store/agent-side.ts";
import { createSessionTables } from "../store/create-session-tables.ts";
import { openHostSide } from "../store/host-side.ts";
import { sessionSignals } from "../store/session-signals.ts";
import type { SessionTables } from "../store/session-tables.ts";
import { hasOldAttachments, takeOverAttachments } from "./take-over-attachments.ts";

const now = "2026-11-23T12:00:00.000Z";
const sessionId = "se-1";

/** A session's folder with files, and a database with its messages. */
const fixture = async () => {
  const base = mkdtempSync(join(tmpdir(), "old-files-"));
  const folder = join(base, sessionId);
  const opened = await openSqlite<SessionTables>(join(base, "central.db"));
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  onTestFinished(async () => {
    await close();
    rmSync(base, { recursive: true, force: true });
  });
  await createSessionTables(db);
  const side = { db, signals: sessionSignals(), sessionId, token: 1 };
  const [host, agent] = [openHostSide(side), openAgentSide({ ...side, incarnation: 1 })];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const textOf = async (place: Omit<FilePlace, "sessionId">, name: string): Promise<string> => {
    const found = await findFile(db, { ...place, sessionId }, name);
    if (!found.ok) return found.error.code;
    const parts: Uint8Array[] = [];
    for await (const part of found.value.content()) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  const naming = (...names: readonly string[]) => ({
    content: { text: "Look.", attachments: names.map((name) => ({ name, size: 3 })) },
  });
  await must(host.project(projectionOf({ sessionId })));
  await must(host.send([inbound("m-in", naming("a.txt", "gone.txt"))]));
  const messages = [outbound("m-out", naming("b.txt", "link"))];
  await must(agent.commit({ acknowledgements: [], messages, now }));
  write("in/inbox/m-in/a.txt", "one");
  write("out/outbox/m-out/b.txt", "two");
  symlinkSync("/etc/hostname", join(folder, "out/outbox/m-out/link"));
  write("out/outbox/m-nobody/c.txt", "of no message");
  write("held/m-held/d.txt", "four");
  const takeOver = () => takeOverAttachments({ db, sessionId, now }, folder);
  return { folder, write, textOf, takeOver };
};

test("moves files of a session's folder into rows, and removes their folders", async () => {
  const { folder, textOf, takeOver } = await fixture();
  expect(hasOldAttachments(folder)).toBe(true);
  expect(await takeOver()).toEqual({
    ok: true,
    value: { files: 3, leftOut: ["gone.txt of m-in: missing", "link of m-out: unsafe-place"] },
  });
  expect(await textOf({ box: "in", messageId: "m-in" }, "a.txt")).toBe("one");
  expect(await textOf({ box: "out", messageId: "m-out" }, "b.txt")).toBe("two");
  expect(await textOf({ box: "held", messageId: "m-held" }, "d.txt")).toBe("four");
  expect(hasOldAttachments(folder)).toBe(false);
  expect([readdirSync(join(folder, "in")), readdirSync(join(folder, "out"))]).toEqual([[], []]);
  expect(existsSync("/etc/hostname")).toBe(true);
});

test("repeats the move after a kill between the rows and the folders, and the first content stays", async () => {
  const { write, textOf, takeOver } = await fixture();
  await takeOver();
  write("in/inbox/m-in/a.txt", "changed since");
  expect(await takeOver()).toMatchObject({ ok: true, value: { files: 1 } });
  expect(await textOf({ box: "in", messageId: "m-in" }, "a.txt")).toBe("one");
});

test("sets a folder aside that cannot be emptied, and stores its files all the same", async () => {
  const { folder, write, textOf, takeOver } = await fixture();
  write("out/outbox/m-out/deep/er/file", "of an agent");
  const taken = await takeOver();
  expect(taken.ok && taken.value.leftOut.at(-1)).toMatch(
    /^outbox: some entries cannot be removed, so it is .*\/out\/outbox-[0-9a-f-]{36} now$/,
  );
  expect(await textOf({ box: "out", messageId: "m-out" }, "b.txt")).toBe("two");
  expect(hasOldAttachments(folder)).toBe(false);
});
