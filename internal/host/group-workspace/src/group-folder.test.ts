import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { explainFolder, groupFolder, makeGroupFolder } from "./group-folder.ts";

describe("makeGroupFolder", () => {
  test("makes an empty folder that only its owner may enter", async () => {
    const dataDir = temporaryFolder();
    const path = groupFolder(dataDir, "team");
    expect(await makeGroupFolder(dataDir, "team")).toEqual({ ok: true, value: path });
    expect({ mode: statSync(path).mode & 0o777, inside: readdirSync(path) }).toEqual({
      mode: 0o700,
      inside: [],
    });
  });

  test("accepts an empty folder, which a host leaves if it is killed before it saves the group", async () => {
    const dataDir = temporaryFolder();
    mkdirSync(groupFolder(dataDir, "team"), { recursive: true });
    expect(await makeGroupFolder(dataDir, "team")).toMatchObject({ ok: true });
  });

  test.for([
    {
      what: "a folder with something in it",
      leave: (path: string) => {
        mkdirSync(path);
        writeFileSync(join(path, "CLAUDE.local.md"), "old");
      },
    },
    { what: "a file", leave: (path: string) => writeFileSync(path, "") },
    { what: "a link to an empty folder", leave: (path: string) => symlinkSync(temporaryFolder(), path) },
    { what: "a link to nowhere", leave: (path: string) => symlinkSync("/proc/nowhere", path) },
  ])("refuses $what with folder-left-over", async ({ leave }) => {
    const dataDir = temporaryFolder();
    const path = groupFolder(dataDir, "team");
    mkdirSync(join(dataDir, "groups"));
    leave(path);
    const made = await makeGroupFolder(dataDir, "team");
    expect(made).toEqual({ ok: false, error: { code: "folder-left-over", path } });
    if (!made.ok) expect(explainFolder(made.error).message).toContain(`${path} exists already`);
  });

  test("reports the system's error if the folder cannot be created", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "groups"), "");
    const made = await makeGroupFolder(dataDir, "team");
    expect(made).toMatchObject({ ok: false, error: { code: "folder-unusable" } });
    if (!made.ok) expect(explainFolder(made.error).message).toMatch(/cannot be created \(E[A-Z]+\)/);
  });
});
