import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { HeldStatus } from "@gatehouse/held-client/records";
import { keepStatus } from "./keep-status.ts";

const first: HeldStatus = {
  v: 1,
  id: "a",
  team: null,
  member: "ana",
  provider: "claude",
  folder: "/w",
  pid: 7,
  state: "starting",
  since: "2026-11-23T00:00:00.000Z",
};

const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "keep-status-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "a.json");
};

test("keepStatus keeps the state of an agent that was ready before its socket was open", () => {
  const file = newFile();
  const notice = { code: "readiness-unproven", message: "No rules.", fix: "Look." };
  for (const [kept, expected] of [
    [null, {}],
    [notice, { notice }],
  ] as const) {
    const status = keepStatus(file, first, () => {});
    status.become({ state: "ready" });
    status.begin(kept);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      ...first,
      state: "ready",
      ...expected,
      since: status.now().since,
    });
  }
});

test("keepStatus writes a file for an agent that is still starting", () => {
  const file = newFile();
  keepStatus(file, first, () => {}).begin(null);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(first);
});

test("keepStatus keeps the exit code and the last screen if the screen is read again after the end", () => {
  const file = newFile();
  const told: string[] = [];
  const status = keepStatus(file, first, ({ state }) => told.push(state));
  status.become({ state: "ready" });
  status.become({ state: "ended", exitCode: 5, screen: "goodbye" });
  status.become({ state: "ready" });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    state: "ended",
    exitCode: 5,
    screen: "goodbye",
  });
  expect(told).toEqual(["ready", "ended"]);
});
