import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { convertRows } from "../convert-rows.ts";
import { notTaken } from "../not-taken.ts";
import { readTasks } from "./read-tasks.ts";

const now = "2026-11-20T08:00:00.000Z";

/** The uid of the account "nobody". */
const nobodyUid = 65_534;

/** A nanoclaw folder with the folder `closed`, which this account may not read. Root reads everything, so the test goes on as nobody. */
const folderWith = (closed: string, mode: number): string => {
  const root = mkdtempSync(join(tmpdir(), "nanoclaw-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, closed);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "inbound.db"), "");
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o700));
  if (process.geteuid?.() === 0) {
    chownSync(root, nobodyUid, nobodyUid);
    process.seteuid?.(nobodyUid);
    onTestFinished(() => process.seteuid?.(0));
  }
  return root;
};

test.for([
  { closed: "data", mode: 0o600, key: "data/v2-sessions", at: "data/v2-sessions" },
  { closed: "data/v2-sessions", mode: 0, key: "data/v2-sessions", at: "data/v2-sessions" },
  { closed: "data/v2-sessions/ag-1", mode: 0, key: "ag-1", at: "data/v2-sessions/ag-1" },
  {
    closed: "data/v2-sessions/ag-1/se-1",
    mode: 0,
    key: "ag-1 se-1",
    at: "data/v2-sessions/ag-1/se-1/inbound.db",
  },
])("names $at, whose tasks cannot be read", async ({ closed, mode, key, at }) => {
  const root = folderWith(closed, mode);
  expect(await readTasks(root)).toEqual({
    tasks: [],
    leftOut: [
      {
        table: "messages_in",
        key,
        why: `${join(root, at)} cannot be read (EACCES), so its tasks were not read`,
      },
    ],
  });
});

test.for(["groups", "data/v2-sessions", "container/skills"])(
  "names %s among the parts that are not taken",
  async (closed) => {
    const root = folderWith(closed, 0);
    expect(await notTaken(root, {}, convertRows({}, now))).toEqual([
      { what: `${join(root, closed)} cannot be read (EACCES)`, count: 1 },
    ]);
  },
);
