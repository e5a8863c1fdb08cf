import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConsentRecord } from "../index.ts";
import { appendConsents, readConsents } from "./ledger-file.ts";

const record = (id: string): ConsentRecord => ({
  v: 1,
  id,
  event: "asked",
  at: "2026-11-20T08:00:00.000Z",
  who: { name: "ada", uid: 1000 },
  provider: "claude",
  via: "control",
  cliVersion: null,
  folder: "/w\nwith a line break",
  key: "/w",
  grants: [],
});

const newLedger = (): string => {
  const folder = mkdtempSync("/tmp/ledger-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "consents.jsonl");
};

describe("the consent ledger", () => {
  test("is empty if the file does not exist", async () => {
    expect(await readConsents(newLedger())).toEqual({ ok: true, value: { consents: [], unreadable: 0 } });
  });

  test("keeps one record per line, readable only by its owner", async () => {
    const file = newLedger();
    await appendConsents(file, [record("1")]);
    await appendConsents(file, [record("2")]);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("loses no record when many append at once", async () => {
    const file = newLedger();
    await Promise.all(Array.from({ length: 50 }, (_, at) => appendConsents(file, [record(String(at))])));
    const ledger = await readConsents(file);
    expect(ledger.ok && [ledger.value.consents.length, ledger.value.unreadable]).toEqual([50, 0]);
  });

  test("loses only the line that a crash left torn", async () => {
    const file = newLedger();
    await appendConsents(file, [record("1")]);
    appendFileSync(file, '{"v":1,"id":"2","ev');
    await appendConsents(file, [record("3")]);
    const ledger = await readConsents(file);
    expect(ledger).toMatchObject({
      ok: true,
      value: { consents: [{ id: "1" }, { id: "3" }], unreadable: 1 },
    });
  });

  test("returns an error if it cannot be written or read", async () => {
    const file = join(newLedger(), "below", "a-file");
    expect(await appendConsents(file, [record("1")])).toMatchObject({
      ok: false,
      error: { detail: `ENOENT: ${file}` },
    });
    expect(await readConsents("/dev")).toMatchObject({ ok: false, error: { code: "ledger-unavailable" } });
  });
});
