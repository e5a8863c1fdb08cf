// @module-tag soak
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, test } from "vitest";
import type { CentralTables } from "@gatehouse/central-database";
import { openReading, type PostgresAddress } from "@gatehouse/postgres";
import { hostDatabase, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { startHost } from "./start-host.ts";

const program = inject("programs")["intent-killed"];

const person = (id: number, name: string): string => `  - name: ${name}\n    telegram_id: ${id}\n`;

const writeUsers = (dataDir: string, ...people: readonly string[]): void =>
  writeFileSync(join(dataDir, "users.yaml"), `users:\n${people.join("")}`, { mode: 0o600 });

/** Starts the host with one person, adds another to the file, and sends a reload, in which the host is killed. */
const killedAt = async (dataDir: string, step: string): Promise<void> => {
  writeUsers(dataDir, person(1, "ana"));
  const child = spawn(process.execPath, [program, dataDir, step], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  writeUsers(dataDir, person(1, "ana"), person(2, "bo"));
  child.stdin.write("go\n");
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  expect({ step, code, signal }).toEqual({ step, code: null, signal: "SIGKILL" });
};

const intentsIn = async (dataDir: string) => {
  const database = hostDatabase();
  // On a server a running host keeps other hosts out, so this connection only reads.
  const { db, close } = database === null ? await openedCentral(dataDir) : await readingOnly(database);
  const rows = await db.selectFrom("intents").select(["kind", "outcome"]).execute();
  const people = await db.selectFrom("file_users").select("user_id").orderBy("user_id").execute();
  await close();
  return { rows, people: people.map(({ user_id }) => user_id) };
};

const readingOnly = async (database: PostgresAddress) => {
  const db = await openReading<CentralTables>(database);
  return { db, close: () => db.destroy() };
};

test.for([
  { step: "before its intent is written", intents: 0, isOpen: false },
  { step: "before it is carried out", intents: 1, isOpen: true },
  { step: "before its outcome is asked for", intents: 1, isOpen: true },
  { step: "before its outcome is written", intents: 1, isOpen: true },
  { step: "before it is answered", intents: 1, isOpen: false },
])(
  "the next host finishes a reload once after a kill -9 of the host $step",
  { tags: ["slow"] },
  async ({ step, intents, isOpen }) => {
    const dataDir = temporaryFolder();
    await killedAt(dataDir, step);
    const left = await intentsIn(dataDir);
    expect(left.rows).toHaveLength(intents);
    expect(left.rows.some(({ outcome }) => outcome === null)).toBe(isOpen);
    const bugs: unknown[] = [];
    const host = await startHost({ dataDir, database: hostDatabase(), report: (error) => bugs.push(error) });
    if (!host.ok) expect.fail(host.error.message);
    await expect
      .poll(async () => (await intentsIn(dataDir)).rows.filter(({ outcome }) => outcome === null))
      .toEqual([]);
    await host.value.stop();
    const after = await intentsIn(dataDir);
    expect(after.people).toEqual(["telegram:1", "telegram:2"]);
    expect(after.rows).toHaveLength(intents);
    for (const { outcome } of after.rows)
      expect(JSON.parse(outcome ?? "null")).toMatchObject({ ok: true, value: { data: { users: 2 } } });
    // An outcome that was written before the kill stays unchanged.
    if (!isOpen) expect(after.rows).toEqual(left.rows);
    expect(bugs).toEqual([]);
  },
);
