import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { markRestored, restoredProblem } from "./restored-folder.ts";
import { successionIn, takePlace } from "./succession.ts";

const now = "2026-11-30T01:00:00.000Z";
const id = "one";

describe("the succession of a data folder", () => {
  test("begins once, for its owner alone", async () => {
    const dataDir = temporaryFolder();
    const begun = await successionIn(dataDir);
    expect(begun).toEqual({ id: expect.any(String), since: "" });
    expect(await successionIn(dataDir)).toEqual(begun);
    expect(statSync(join(dataDir, "succession.json")).mode & 0o777).toBe(0o600);
  });

  test.for([
    { what: "an empty file", text: "" },
    { what: "a torn file", text: '{"id":"one","since":"2026-11-' },
    { what: "a time that does not sort as a text", text: '{"id":"one","since":"2026-11-30T02:00:00+01:00"}' },
    { what: "no id", text: '{"since":""}' },
    { what: "a list", text: "[]" },
  ])("begins anew with $what, as one that never took a place", async ({ text }) => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "succession.json"), text);
    const begun = await successionIn(dataDir);
    expect(begun.since).toBe("");
    expect(begun.id).not.toBe(id);
    expect(await successionIn(dataDir)).toEqual(begun);
  });

  test.for([
    { what: "a first time", since: "", next: now },
    { what: "once more", since: "2026-11-29T01:00:00.000Z", next: now },
    { what: "in the same millisecond", since: now, next: "2026-11-30T01:00:00.001Z" },
    {
      what: "after a clock that was ahead",
      since: "2031-01-01T00:00:00.999Z",
      next: "2031-01-01T00:00:01.000Z",
    },
  ])("rises when its host takes the place of another one $what", async ({ since, next }) => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "succession.json"), JSON.stringify({ id, since }));
    await markRestored(dataDir, { from: "alpha:/srv", createdAt: now });
    await takePlace(dataDir, now);
    expect(await successionIn(dataDir)).toEqual({ id, since: next });
    expect(await restoredProblem(dataDir)).toBeNull();
  });

  test("is begun by a host that takes a place without having had one", async () => {
    const dataDir = temporaryFolder();
    await takePlace(dataDir, now);
    expect(await successionIn(dataDir)).toEqual({ id: expect.any(String), since: now });
    expect(existsSync(join(dataDir, "restored.json"))).toBe(false);
    expect(readFileSync(join(dataDir, "succession.json"), "utf8")).toMatch(/\n$/);
  });
});
