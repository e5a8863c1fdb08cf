import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { HeldStatus } from "../records/held-state.ts";
import { keepStatus } from "./keep-status.ts";

const first: HeldStatus = {
  ...{ v: 1, id: "a", team: null, member: "ana", provider: "claude", folder: "/w", pid: 7 },
  ...{ state: "starting", since: "2026-11-23T00:00:00.000Z" },
};

test("keeps the exit code and the last screen of an agent whose screen is read once more", () => {
  const folder = mkdtempSync(join(tmpdir(), "keep-status-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.json");
  const told: string[] = [];
  const status = keepStatus(file, first, ({ state }) => told.push(state));
  status.become({ state: "ready" });
  status.become({ state: "ended", exitCode: 5, screen: "goodbye" });
  status.become({ state: "ready" });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    ...{ state: "ended", exitCode: 5, screen: "goodbye" },
  });
  expect(told).toEqual(["ready", "ended"]);
});
