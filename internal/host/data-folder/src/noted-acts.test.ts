import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { accountOf, noteAct, notedActsIn } from "./noted-acts.ts";

const folder = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), "acts-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
};

const act = { command: "secrets set", args: { name: "RSS_TOKEN" } };

describe("noteAct", () => {
  test("keeps an act until it is forgotten", async () => {
    const dataDir = folder();
    expect(await noteAct(dataDir, "ada", act)).toBeNull();
    const acts = notedActsIn(dataDir);
    const [noted] = await acts.list();
    expect(noted).toMatchObject({ ...act, account: "ada", at: expect.stringMatching(/Z$/) as unknown });
    expect(await acts.list()).toHaveLength(1);
    await acts.forget([noted?.id ?? ""]);
    expect(await acts.list()).toEqual([]);
  });

  test("makes no data folder", async () => {
    const dataDir = join(folder(), "none");
    expect(await noteAct(dataDir, "ada", act)).toBeNull();
    expect(existsSync(dataDir)).toBe(false);
  });

  test("says that an act could not be noted", async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "acts"), "");
    expect(await noteAct(dataDir, "ada", act)).toContain("cannot be written (EEXIST)");
  });
});

test.each([
  "not json",
  "null",
  "[]",
  '{"id":"x"}',
  '{"id":"de-other","at":"","account":"","command":"","args":{}}',
])("notedActsIn passes over a file with %s", async (text) => {
  const dataDir = folder();
  await noteAct(dataDir, "ada", act);
  const [name = ""] = readdirSync(join(dataDir, "acts"));
  writeFileSync(join(dataDir, "acts", name), text);
  expect(await notedActsIn(dataDir).list()).toEqual([]);
});

test("notedActsIn lists nothing without a folder", async () =>
  expect(await notedActsIn(folder()).list()).toEqual([]));

test("accountOf names this process's account, and the account that sudo started it for", () => {
  expect(accountOf()).toBe(userInfo().username);
  expect(accountOf({ SUDO_USER: "ada" })).toBe(
    process.getuid?.() === 0 ? "ada, with sudo" : userInfo().username,
  );
  expect(accountOf({ SUDO_USER: "root" })).toBe(userInfo().username);
});
