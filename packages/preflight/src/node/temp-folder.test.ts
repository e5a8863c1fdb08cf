import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sweepTempFolders, ownerFile, tempPrefix } from "./temp-folder.ts";
import { thisProcess, type ProcessIdentity } from "@gatehouse/processes";

let tmp: string;

beforeEach(() => {
  tmp = realpathSync(mkdtempSync(join(tmpdir(), "sweep-")));
});
afterEach(() => rmSync(tmp, { recursive: true, force: true }));

/** A process that has ended, whose pid is not in use. */
const endedPid = (): number => spawnSync("true").pid;
const gone = (): ProcessIdentity => ({ ...thisProcess(), pid: endedPid() });

const makeFolder = (owner: unknown, name = `${tempPrefix}abc`): string => {
  const folder = join(tmp, name);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "mcp.json"), "{}");
  if (owner !== null) writeFileSync(join(folder, ownerFile), JSON.stringify(owner));
  return folder;
};

type Row = { readonly what: string; readonly make: () => string; readonly stays: boolean };

const rows: readonly Row[] = [
  { what: "a folder of a process that has ended", make: () => makeFolder(gone()), stays: false },
  {
    what: "a folder of a process whose pid another process has now",
    make: () => makeFolder({ ...thisProcess(), start: "1" }),
    stays: false,
  },
  { what: "a folder of a running process", make: () => makeFolder(thisProcess()), stays: true },
  {
    what: "a folder of a process in another namespace",
    make: () => makeFolder({ ...gone(), namespace: "pid:[1]" }),
    stays: true,
  },
  { what: "a folder without an owner", make: () => makeFolder(null), stays: true },
  {
    what: "a folder whose owner file names no process",
    make: () => makeFolder({ ...gone(), pid: "7" }),
    stays: true,
  },
  { what: "a folder of another name", make: () => makeFolder(gone(), "other-abc"), stays: true },
  {
    what: "a folder that others may write",
    make: () => {
      const folder = makeFolder(gone());
      chmodSync(folder, 0o777);
      return folder;
    },
    stays: true,
  },
  {
    what: "a link of such a name",
    make: () => {
      const folder = makeFolder(gone());
      renameSync(folder, join(tmp, "kept"));
      symlinkSync(join(tmp, "kept"), folder);
      return join(folder, "mcp.json");
    },
    stays: true,
  },
  {
    what: "a folder whose owner file is a link",
    make: () => {
      const folder = makeFolder(gone());
      renameSync(join(folder, ownerFile), join(tmp, "record"));
      symlinkSync(join(tmp, "record"), join(folder, ownerFile));
      return folder;
    },
    stays: true,
  },
  {
    what: "a folder whose owner file is a pipe",
    make: () => {
      const folder = makeFolder(null);
      spawnSync("mkfifo", [join(folder, ownerFile)]);
      return folder;
    },
    stays: true,
  },
];

describe("sweepTempFolders", () => {
  test.each(rows)("keeps $what: $stays", async ({ make, stays }) => {
    const path = make();
    await sweepTempFolders(tmp);
    expect(existsSync(path)).toBe(stays);
  });

  test("leaves another user's folder alone", async ({ skip }) => {
    skip(process.getuid?.() !== 0, "only root can make one");
    const folder = makeFolder(gone());
    chownSync(folder, 65534, 65534);
    await sweepTempFolders(tmp);
    expect(existsSync(folder)).toBe(true);
  });

  test("does nothing if TMPDIR is missing", async () => {
    await expect(sweepTempFolders(join(tmp, "none"))).resolves.toBeUndefined();
  });
});
