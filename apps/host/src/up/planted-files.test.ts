import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { startHost } from "./start-host.ts";

const isRoot = process.geteuid?.() === 0;
const why = "only root can make devices and files of other accounts";
const stranger = 4711;
const text = "of another account\n";

const planted: readonly {
  readonly what: string;
  readonly needsRoot?: true;
  readonly says: string;
  readonly plant: (path: string, victim: string) => void;
}[] = [
  { what: "a link to a file", says: "symbolic link", plant: (path, victim) => symlinkSync(victim, path) },
  { what: "a link to nothing", says: "symbolic link", plant: (path) => symlinkSync("nothing", path) },
  { what: "a second name", says: "second name", plant: (path, victim) => linkSync(victim, path) },
  {
    what: "a pipe",
    says: "not a regular file",
    plant: (path) => void spawnSync("mkfifo", [path]),
  },
  {
    what: "a device",
    needsRoot: true,
    says: "not a regular file",
    plant: (path) => void spawnSync("mknod", [path, "c", "1", "3"]),
  },
  {
    what: "a file of another account",
    needsRoot: true,
    says: `belongs to uid ${stranger}`,
    plant: (path) => {
      writeFileSync(path, text);
      chownSync(path, stranger, stranger);
    },
  },
];

const refusal = (says: string): object => ({
  ok: false,
  error: { code: "data-folder-unsafe", message: expect.stringContaining(says) as unknown },
});

const files = ["host.lock", "host.pid", "folder-id", "host.log", "gatehouse.db", "gatehouse.db-wal"];

describe.for(files)("%s in the data folder", (name) => {
  test.for(planted)(`a host refuses $what as ${name}`, async ({ needsRoot, says, plant }, { skip }) => {
    skip(needsRoot === true && !isRoot, why);
    const dataDir = temporaryFolder();
    const [path, victim] = [join(dataDir, name), join(dataDir, "victim")];
    writeFileSync(victim, text, { mode: 0o644 });
    plant(path, victim);
    const before = lstatSync(path);
    expect(await startHost({ dataDir, report: () => {} })).toMatchObject(refusal(says));
    expect(readFileSync(victim, "utf8")).toBe(text);
    expect(lstatSync(victim).mode & 0o777).toBe(0o644);
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, size: before.size, mode: before.mode });
    expect(readdirSync(dataDir).sort()).toEqual([name, "victim"].sort());
  });
});

test("a host refuses a data folder that its group may write, and names the command that repairs it", async () => {
  const dataDir = temporaryFolder();
  chmodSync(dataDir, 0o775);
  expect(await startHost({ dataDir, report: () => {} })).toMatchObject({
    ...refusal("can be written by others (mode 0775)"),
    error: { fix: `chmod go-w ${dataDir}; or name another folder with --data` },
  });
  expect(readdirSync(dataDir)).toEqual([]);
});

test("a host refuses to make a data folder in a folder that others may write", async () => {
  const open = temporaryFolder();
  chmodSync(open, 0o777);
  expect(await startHost({ dataDir: join(open, "data"), report: () => {} })).toMatchObject(
    refusal(`${open} can be written by others`),
  );
  expect(readdirSync(open)).toEqual([]);
});
