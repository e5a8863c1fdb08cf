import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { foreignHost } from "./foreign-host.ts";

const own = process.geteuid?.() ?? 0;

describe("foreignHost", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "foreign-host-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  };

  test("names the account that runs the host of a data folder, and the fix", async () => {
    const dataDir = folder();
    const { username } = userInfo();
    expect(await foreignHost(dataDir, 4711)).toEqual({
      code: "another-accounts-host",
      message: `The host of ${dataDir} is run by ${username}, and you are uid 4711.`,
      fix: `run it as ${username}: ${own === 0 ? "sudo" : `sudo -u ${username}`} ...; or name a data folder of your own with --data DIR`,
    });
  });

  test.for([
    { what: "this account", asked: own },
    { what: "another account, for root", asked: 0 },
  ])("accepts a data folder of $what", async ({ asked }) =>
    expect(await foreignHost(folder(), asked)).toBe(null),
  );

  test("accepts a missing data folder: the command reports it", async () =>
    expect(await foreignHost("/no/such/folder", 4711)).toBe(null));
});
