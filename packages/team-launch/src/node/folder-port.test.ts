import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { lookAndPlan } from "./folder-port.ts";

/** Reads a folder, removes it, and returns the plan's verdict about it. */
const lookedAtAndRemoved = () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "look-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, "project");
  mkdirSync(folder);
  const { folders, planFull } = lookAndPlan(home);
  const request = { folders: [], pairs: [{ folder, provider: "claude" as const }], env: { HOME: home } };
  return {
    look: () => folders.look([folder]),
    remove: () => rmSync(folder, { recursive: true }),
    code: async () => (await planFull({ ...request, dataDir: join(home, "data") })).folders[0]?.verdict?.code,
  };
};

describe("a plan after the folders were read", () => {
  test("does not read a folder again", async () => {
    const { look, remove, code } = lookedAtAndRemoved();
    await look();
    remove();
    expect(await code()).not.toBe("not-a-folder");
  });

  test("uses the last read, not an earlier one", async () => {
    const { look, remove, code } = lookedAtAndRemoved();
    await look();
    remove();
    await look();
    expect(await code()).toBe("not-a-folder");
  });
});
