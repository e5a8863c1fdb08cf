import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nameOf } from "./find-member.ts";
import { heldPlaces } from "./held-places.ts";
import { listHeld } from "./list-held.ts";

test("listHeld sorts agents by team, then by member, in any locale", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "list-held-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const { states } = heldPlaces(dataDir);
  mkdirSync(states, { recursive: true });
  const named = [
    ["web-shop", "ana"],
    ["web", "bo"],
    ["web", "Zoe"],
    [null, "zoe"],
  ] as const;
  for (const [at, [team, member]] of named.entries()) {
    const ended = { v: 1, id: `${at}`, provider: "claude", folder: "/", pid: 1, state: "ended", since: "" };
    writeFileSync(join(states, `${at}.json`), JSON.stringify({ ...ended, team, member }));
  }
  const listed = await listHeld(dataDir);
  const names = listed.ok ? listed.value.agents.map(nameOf) : listed.error;
  expect(names).toEqual(["zoe", "web/Zoe", "web/bo", "web-shop/ana"]);
});
