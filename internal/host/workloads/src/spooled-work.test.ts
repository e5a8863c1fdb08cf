import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSpool } from "@gatehouse/wire/runner";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { expect, onTestFinished, test } from "vitest";
import { spooledWork } from "./spooled-work.ts";

const dataFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "spooled-work-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** A host that never answers. */
const away = { set: () => new Promise(() => {}) } as unknown as AgentSide;

const at = "2026-11-24T12:00:00.000Z";

test("spooledWork counts the entries in spools, and returns their sessions and the oldest time", async () => {
  const dataDir = dataFolder();
  const before = Date.now();
  for (const session of ["se-1", "se-1", "se-2"]) {
    const spool = openSpool(join(dataDir, "sessions", "ag-1", session, "out", "spool-0"), {
      put: () => Promise.reject(new Error("nothing is sent")),
    });
    expect(await spool.over(away).set("key", session, at)).toEqual({ ok: true, value: null });
  }
  const found = await spooledWork(dataDir);
  expect(found).toMatchObject({ count: 3, sessions: ["se-1", "se-2"] });
  expect(Date.parse(found.oldest ?? "")).toBeGreaterThanOrEqual(before);
});

test("spooledWork ignores incomplete files, other files and other folders", async () => {
  const dataDir = dataFolder();
  const out = join(dataDir, "sessions", "ag-1", "se-1", "out");
  for (const folder of ["spool-0/files/m-1", "inbox"]) mkdirSync(join(out, folder), { recursive: true });
  const entry = "001795521600000-000001-6f0e2c8a-8d5b-4b7e-9d3c-0a1b2c3d4e5f.json";
  for (const name of [`spool-0/${entry}.part`, "spool-0/other.json", `inbox/${entry}`, "spool-1"])
    writeFileSync(join(out, name), "{}");
  expect(await spooledWork(dataDir)).toEqual({ count: 0, oldest: null, sessions: [] });
});

test.for(["out", "out/spool-0"])("spooledWork follows no link that an agent put at %s", async (at) => {
  const dataDir = dataFolder();
  const [session, other] = ["se-1", "se-2"].map((id) => join(dataDir, "sessions", "ag-1", id)) as [
    string,
    string,
  ];
  const entry = "001795521600000-000001-6f0e2c8a-8d5b-4b7e-9d3c-0a1b2c3d4e5f.json";
  mkdirSync(join(other, "out/spool-0"), { recursive: true });
  writeFileSync(join(other, "out/spool-0", entry), "{}");
  mkdirSync(dirname(join(session, at)), { recursive: true });
  symlinkSync(join(other, at), join(session, at));
  expect(await spooledWork(dataDir)).toMatchObject({ count: 1, sessions: ["se-2"] });
});

test("spooledWork returns no work for a data folder without sessions", async () => {
  expect(await spooledWork(join(dataFolder(), "none"))).toEqual({ count: 0, oldest: null, sessions: [] });
});
