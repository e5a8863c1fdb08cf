// @module-tag soak
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { expect, inject, onTestFinished, test } from "vitest";
import { containerConfigStore } from "./config-store.ts";
import { makeDatabase } from "./store.fixture.ts";

const program = inject("programs")["hold-lock"];

/** Starts a process that holds the write lock. Returns a function that ends it. */
const heldBy = async (file: string): Promise<() => Promise<void>> => {
  const child = spawn(process.execPath, [program, file], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const ended = once(child, "exit");
  return async () => {
    child.stdin.end();
    await ended;
  };
};

const groups = ["ag-1", "ag-2"];

test(
  "the store reads while another process has the lock, and writes after it is released",
  { tags: ["slow"] },
  async () => {
    const { file, sqlite, remove } = await makeDatabase(groups);
    const store = containerConfigStore(sqlite.db, { now: () => "" });
    await store.create("ag-1");
    const read = () => sqlite.reading.selectFrom("container_configs").select("model").execute();
    const release = await heldBy(file);
    let written = 0;
    const writes = [
      store.updateScalars("ag-1", { model: "opus" }),
      sql`update container_configs set effort = 'high'`.execute(sqlite.db),
      store.create("ag-2"),
    ].map((write) => write.then(() => (written += 1)));
    for (let turn = 0; turn < 100; turn += 1) {
      await setImmediate();
      expect(await read()).toEqual([{ model: null }]);
    }
    expect(written).toBe(0);
    await release();
    await Promise.all(writes);
    expect(await read()).toContainEqual({ model: "opus" });
    await remove();
  },
);

test("all waiting writes fail with SQLITE_BUSY after the time limit", { tags: ["slow"] }, async () => {
  const { file, sqlite, remove } = await makeDatabase(groups);
  const store = containerConfigStore(sqlite.db, { now: () => "" });
  const release = await heldBy(file);
  const busy = expect.objectContaining({ code: "SQLITE_BUSY" }) as unknown;
  const writes = [store.create("ag-1"), sql`delete from agent_groups`.execute(sqlite.db)];
  expect(await Promise.allSettled(writes)).toEqual(writes.map(() => ({ status: "rejected", reason: busy })));
  await release();
  expect(await store.create("ag-1")).toMatchObject({ ok: true });
  await remove();
});
