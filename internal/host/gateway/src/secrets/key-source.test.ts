import { chmodSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { vendorNames } from "../rules/vendors.ts";
import { keySource } from "./key-source.ts";
import { keyByCommand, vendorKeyProblem } from "./run-command.ts";
import { vendorKeys } from "./secrets-file.ts";

const print = (text: string): readonly string[] => [
  process.execPath,
  "-e",
  `process.stdout.write(${JSON.stringify(text)})`,
];

describe("the key of a vendor", () => {
  test("is the group's own, else the one for all groups, and follows each change at once", async () => {
    const dataDir = temporaryFolder();
    const { keyOf } = keySource(dataDir);
    expect(await keyOf("anthropic", "ag-1")).toMatchObject({ ok: false, error: { status: 402 } });
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "for-all" });
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: "ag-2", value: "for-two" });
    expect(await keyOf("anthropic", "ag-1")).toEqual({ ok: true, value: "for-all" });
    expect(await keyOf("anthropic", "ag-2")).toEqual({ ok: true, value: "for-two" });
    expect(await keyOf("openai", "ag-2")).toMatchObject({ ok: false });
    expect(await vendorKeys.remove(dataDir, { vendor: "anthropic", group: "ag-2" })).toEqual({
      ok: true,
      value: true,
    });
    expect(await vendorKeys.remove(dataDir, { vendor: "anthropic", group: "ag-2" })).toEqual({
      ok: true,
      value: false,
    });
    expect(await keyOf("anthropic", "ag-2")).toEqual({ ok: true, value: "for-all" });
  });

  test("is in a file that only its owner may read, and no other file is left", async () => {
    const dataDir = temporaryFolder();
    await vendorKeys.set(dataDir, { vendor: "openai", group: null, value: "key" });
    await vendorKeys.set(dataDir, { vendor: "openai", group: null, value: "key-2" });
    expect((statSync(vendorKeys.fileIn(dataDir)).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(dataDir).toSorted()).toEqual(["secrets.json"]);
  });

  test("is set by two commands at once without losing one", async () => {
    const dataDir = temporaryFolder();
    const groups = Array.from({ length: 10 }, (_, n) => `ag-${n}`);
    await Promise.all(
      groups.map((group) => vendorKeys.set(dataDir, { vendor: "openai", group, value: "key" })),
    );
    const read = await vendorKeys.read(dataDir);
    expect(read.ok && read.value.map(({ group }) => group).toSorted()).toEqual(groups);
  });

  test.for([
    { what: "a file that others may read", mode: 0o644, text: '{"v":1,"secrets":[]}', says: /chmod 600/ },
    { what: "no JSON", mode: 0o600, text: "sk-ant-key", says: /not a file of gatehouse secrets/ },
    { what: "another vendor", mode: 0o600, text: '{"v":1,"secrets":[{"vendor":"x"}]}', says: /not a file/ },
  ])("is not read from $what, and the file is kept", async ({ mode, text, says }) => {
    const dataDir = temporaryFolder();
    writeFileSync(vendorKeys.fileIn(dataDir), text);
    chmodSync(vendorKeys.fileIn(dataDir), mode);
    const refused = await keySource(dataDir).keyOf("openai", "ag-1");
    expect(refused.ok ? "" : refused.error.message).toMatch(says);
    expect(JSON.stringify(refused)).not.toContain("sk-ant-key");
    expect(await vendorKeys.set(dataDir, { vendor: "openai", group: null, value: "k" })).toMatchObject({
      ok: false,
    });
  });

  test("is not read through a link", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, "other"), '{"v":1,"secrets":[]}', { mode: 0o600 });
    symlinkSync(join(dataDir, "other"), vendorKeys.fileIn(dataDir));
    expect(await vendorKeys.read(dataDir)).toMatchObject({
      ok: false,
      error: { code: "secrets-unreadable" },
    });
  });
});

test.for([
  { key: "sk-ant-api03-x", owners: ["anthropic"] },
  { key: "sk-ant-oat01-x", owners: ["anthropic"] },
  { key: "sk-proj-x", owners: ["openai"] },
  { key: "sk-svcacct-x", owners: ["openai"] },
  { key: "AIzaSyX", owners: ["google"] },
  { key: "sk-x", owners: ["anthropic", "openai", "google"] },
  { key: "sk-antelope", owners: ["anthropic", "openai", "google"] },
  { key: "x-AIzaSyX", owners: ["anthropic", "openai", "google"] },
])("a key such as $key is one of $owners", ({ key, owners }) => {
  expect(vendorNames.filter((name) => vendorKeyProblem(key, name) === null)).toEqual(owners);
});

describe("a command that prints a key", () => {
  test("is run by its arguments, without a shell, once in five minutes", async () => {
    const dataDir = temporaryFolder();
    const mark = join(dataDir, "runs");
    const script = `require("fs").appendFileSync(${JSON.stringify(mark)}, "x"); console.log("key-$HOME")`;
    const command = [process.execPath, "-e", script];
    await vendorKeys.set(dataDir, { vendor: "openai", group: null, command });
    let now = 0;
    const { keyOf, keyRefused } = keySource(dataDir, () => now);
    const runs = (): number => statSync(mark).size;
    for (let request = 0; request < 3; request += 1)
      expect(await keyOf("openai", "ag-1")).toEqual({ ok: true, value: "key-$HOME" });
    expect(runs()).toBe(1);
    now = 300_001;
    await keyOf("openai", "ag-1");
    expect(runs()).toBe(2);
    keyRefused();
    await keyOf("openai", "ag-1");
    expect(runs()).toBe(3);
  });

  test.for([
    { what: "prints nothing", command: print(""), says: "It is empty." },
    { what: "prints two lines", command: print("a\nsecret-b"), says: /It has a space, a line end/ },
    {
      what: "fails",
      command: [process.execPath, "-e", "console.log('secret-b'); process.exit(3)"],
      says: /code 3/,
    },
    { what: "is missing", command: ["/proc/nowhere/program"], says: /cannot be run \(ENOENT\)/ },
    {
      what: "hangs",
      command: [process.execPath, "-e", "setInterval(() => {}, 1e6)"],
      withinMs: 200,
      says: /within 0.2 s/,
    },
  ])("gives a sentence without its output if it $what", async ({ command, says, withinMs }) => {
    const refused = await keyByCommand(command, withinMs);
    const text = refused.ok ? refused.value : refused.error;
    expect(text).toMatch(says);
    expect(text).not.toContain("secret-b");
  });
});
