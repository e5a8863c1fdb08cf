import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { foreignHost } from "./foreign-host.ts";

const own = process.geteuid?.() ?? 0;

describe("a data folder", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "foreign-host-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  };

  test("of another account names who runs its host, and what to do", async () => {
    const dataDir = folder();
    const { username } = userInfo();
    expect(await foreignHost(dataDir, 4711)).toEqual({
      code: "another-accounts-host",
      message: `The host of ${dataDir} is run by ${username}, and you are uid 4711.`,
      fix: `run it as ${username}: ${own === 0 ? "sudo" : `sudo -u ${username}`} ...; or name a data folder of your own with --data DIR`,
    });
  });

  test.for([
    { what: "of this account", asked: own },
    { what: "of another account, for root", asked: 0 },
  ])("$what is no matter", async ({ asked }) => expect(await foreignHost(folder(), asked)).toBe(null));

  test("that is not there is left to the command", async () =>
    expect(await foreignHost("/no/such/folder", 4711)).toBe(null));
});
