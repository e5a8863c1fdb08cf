// @module-tag rest
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explain } from "../../user-messages.ts";
import type { Machine } from "../../ports.ts";
import { shellCommand } from "../../user-check.ts";
import { addUser } from "./add-user.ts";
import { checkUsers } from "../check-users/check-users.ts";
import {
  makeAccounts,
  makeRealHost,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "./real-host.fixture.ts";
import { runWithin } from "../machine/run-program.ts";
import { thisMachine } from "../machine/this-machine.ts";

const why = whyNoRealHost;
const slow = { tags: ["slow"] };
let accounts: Accounts;
let host: RealHost;

beforeAll(() => {
  if (why === null) accounts = makeAccounts();
});
afterAll(() => {
  if (why === null) accounts.remove();
});
beforeEach(async ({ skip }) => {
  if (why !== null) skip(why);
  host = makeRealHost(accounts);
  expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
});
afterEach(() => host.remove());

const memory = (path: string): string => join(host.folder, "users/memory/7", path);

/** This machine, where the directory's owner acts right before or after the test file is written. */
const watched = (when: "before" | "after", act: (path: string) => void): Machine => {
  const run = runWithin({ longest: 3_000, mostBytes: 100_000 });
  return {
    ...thisMachine,
    run: async (command, options) => {
      const path = command.at(-1) ?? "";
      const isWrite = command.some((word) => word.startsWith("set -C")) && path.startsWith(memory(""));
      if (isWrite && when === "before") act(path);
      const ran = await run(command, options);
      if (isWrite && when === "after") act(path);
      return ran;
    },
  };
};

const failuresOn = async (machine: Machine) => {
  const report = await checkUsers(machine, host.places);
  if (!report.ok) throw new Error(explain(report.error));
  return report.value.checks.filter(({ problem }) => problem !== null);
};

const plants: readonly { readonly name: string; readonly plant: (path: string) => void }[] = [
  { name: "a link to /dev/zero", plant: (path) => symlinkSync("/dev/zero", path) },
  { name: "a link to /etc/shadow", plant: (path) => symlinkSync("/etc/shadow", path) },
  { name: "a link to a file of procfs", plant: (path) => symlinkSync("/proc/self/environ", path) },
  { name: "a pipe", plant: (path) => execFileSync("mkfifo", ["-m", "666", path]) },
  { name: "a directory", plant: (path) => mkdirSync(path) },
  { name: "a file of 1 TiB", plant: (path) => (writeFileSync(path, ""), truncateSync(path, 1024 ** 4)) },
  {
    name: "a text that clears the terminal",
    plant: (path) => writeFileSync(path, "\u001B[2J\u009B2J\u202Egnp"),
  },
];

describe("checkUsers, if the folder's owner replaces its test file", slow, () => {
  test.for(plants)(
    "reports $name that replaced the written file, and shows none of its content",
    async ({ plant }) => {
      const machine = watched("after", (path) => {
        rmSync(path);
        plant(path);
        execFileSync("chown", ["-h", host.ada, path]);
      });
      const [failed, ...others] = await failuresOn(machine);
      expect(others).toEqual([]);
      expect(failed).toMatchObject({ check: "try-out", problem: { code: "not-usable", action: "read" } });
      const said = explain(failed!.problem!);
      expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(said).not.toContain("root:");
      expect(said.length).toBeLessThan(4_000);
    },
  );

  test.for(plants)("writes nothing to $name that was there before the write", async ({ name, plant }) => {
    const machine = watched("before", (path) => {
      plant(path);
      execFileSync("chown", ["-h", host.ada, path]);
    });
    const failed = await failuresOn(machine);
    // `set -C` refuses existing regular files only. A device is opened, but with the person's own rights, so
    // only the check of this person fails.
    const isWritable = name === "a link to /dev/zero";
    expect(failed).toMatchObject([
      { problem: { code: "not-usable", action: isWritable ? "read" : "write" } },
    ]);
  });

  test("creates nothing through a dangling link that was there before the write", async () => {
    const nowhere = memory("made");
    expect(await failuresOn(watched("before", (path) => symlinkSync(nowhere, path)))).toMatchObject([
      { problem: { code: "not-usable", action: "write" } },
    ]);
    expect(existsSync(nowhere)).toBe(false);
  });
});

test("checkUsers uses a test file of its own, not one that the folder's owner left there", slow, async () => {
  for (const path of [".gatehouse-try-out", ".gatehouse-try-out-0"]) symlinkSync("/dev/zero", memory(path));
  const before = readdirSync(memory(""));
  expect(await failuresOn(thisMachine)).toEqual([]);
  expect(readdirSync(memory(""))).toEqual(before);
});

const inPlaceOfMemory: readonly {
  readonly name: string;
  readonly plant: (path: string) => void;
  readonly code: string;
}[] = [
  { name: "a link to /dev/zero", plant: (path) => symlinkSync("/dev/zero", path), code: "symlink-refused" },
  {
    name: "a link to /etc/shadow",
    plant: (path) => symlinkSync("/etc/shadow", path),
    code: "symlink-refused",
  },
  {
    name: "a link to a folder of root's",
    plant: (path) => symlinkSync("/etc/sudoers.d", path),
    code: "symlink-refused",
  },
  { name: "a pipe", plant: (path) => execFileSync("mkfifo", [path]), code: "in-the-way" },
  { name: "a directory", plant: (path) => mkdirSync(path), code: "in-the-way" },
];

describe("checkUsers, in the place of MEMORY.md", slow, () => {
  test.for(inPlaceOfMemory)("reports $name, without a command for root to run", async ({ plant, code }) => {
    const path = memory("MEMORY.md");
    rmSync(path);
    plant(path);
    execFileSync("chown", ["-h", host.ada, path]);
    expect(await failuresOn(thisMachine)).toMatchObject([
      { check: "memory", problem: { code, path }, mend: null },
    ]);
    expect(await addUser(thisMachine, host)).toMatchObject({
      ok: false,
      error: { refusals: [{ code, path }] },
    });
  });
});

describe(
  "the command that repairs MEMORY.md, if the owner replaces the file before root runs it",
  slow,
  () => {
    const mendOf = async (): Promise<string> => {
      const [failed] = await failuresOn(thisMachine);
      return shellCommand(failed?.mend ?? ["false"]);
    };
    const victim = () => join(host.folder, "victim");

    test("writes nothing through a link to root's folder that replaced the missing file", async () => {
      rmSync(memory("MEMORY.md"));
      const mend = await mendOf();
      mkdirSync(victim());
      symlinkSync(victim(), memory("MEMORY.md"));
      expect(spawnSync("sh", ["-c", mend]).status).not.toBe(0);
      expect(readdirSync(victim())).toEqual([]);
    });

    test("leaves root's file to root if MEMORY.md is a hard link to it", async () => {
      writeFileSync(victim(), "secret", { mode: 0o600 });
      rmSync(memory("MEMORY.md"));
      linkSync(victim(), memory("MEMORY.md"));
      expect(spawnSync("sh", ["-c", await mendOf()]).status).toBe(0);
      expect(statSync(victim())).toMatchObject({ uid: 0, mode: 0o100600 });
      expect(readFileSync(victim(), "utf8")).toBe("secret");
      expect(await failuresOn(thisMachine)).toEqual([]);
    });
  },
);
