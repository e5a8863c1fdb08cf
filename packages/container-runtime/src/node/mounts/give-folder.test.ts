import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { usualIds } from "../process/account.ts";
import { giveFolder, takeFolder } from "./give-folder.ts";

const isRoot = process.platform === "linux" && process.geteuid?.() === 0;

/** A folder of root with each kind of entry, and a file outside of it. */
const makeFolder = () => {
  const top = mkdtempSync(join(tmpdir(), "give-folder-"));
  onTestFinished(() => rmSync(top, { recursive: true }));
  const [folder, outside] = [join(top, "folder"), join(top, "outside")];
  mkdirSync(join(folder, "out", "deep"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "");
  for (const name of ["note", "out/token", "out/deep/file", "hers"]) writeFileSync(join(folder, name), "");
  chmodSync(join(folder, "note"), 0o600);
  chownSync(join(folder, "hers"), 4_321, 4_321);
  symlinkSync(join(outside, "secret"), join(folder, "link"));
  symlinkSync(outside, join(folder, "linked"));
  linkSync(join(outside, "secret"), join(folder, "second-name"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const uidOf = (name: string): number => lstatSync(join(top, name)).uid;
  return { top, folder, uidOf };
};

test.skipIf(!isRoot)(
  "giveFolder gives what root owns in a folder, and nothing through a link (needs root)",
  async () => {
    const { folder, uidOf } = makeFolder();
    await giveFolder(folder, usualIds);
    const given = ["folder", "folder/note", "folder/out", "folder/out/token", "folder/out/deep/file"];
    expect(given.map(uidOf)).toEqual(given.map(() => usualIds.uid));
    const kept = ["outside", "outside/secret", "folder/second-name", "folder/pipe", "folder/link"];
    expect(kept.map(uidOf)).toEqual(kept.map(() => 0));
    expect(uidOf("folder/hers")).toBe(4_321);
  },
);

test.skipIf(!isRoot)("giveFolder leaves the folder of another owner as it is (needs root)", async () => {
  const { folder, uidOf } = makeFolder();
  chownSync(folder, 4_321, 4_321);
  await giveFolder(folder, usualIds);
  expect([uidOf("folder"), uidOf("folder/note")]).toEqual([4_321, 0]);
});

test.skipIf(!isRoot).for(["link", "file", "gone"])(
  "giveFolder does nothing for a path that is a %s (needs root)",
  async (kind) => {
    const { top, folder, uidOf } = makeFolder();
    const path = join(top, "path");
    if (kind === "link") symlinkSync(folder, path);
    if (kind === "file") writeFileSync(path, "");
    await giveFolder(path, usualIds);
    expect(uidOf("folder")).toBe(0);
  },
);

test.skipIf(!isRoot)(
  "takeFolder takes back a folder of the account of containers, and the next giveFolder gives new files (needs root)",
  async () => {
    const { folder, uidOf } = makeFolder();
    await giveFolder(folder, usualIds);
    await takeFolder(folder);
    expect([uidOf("folder"), uidOf("folder/note")]).toEqual([0, usualIds.uid]);
    writeFileSync(join(folder, "out", "new"), "");
    await giveFolder(folder, usualIds);
    expect([uidOf("folder"), uidOf("folder/out/new")]).toEqual([usualIds.uid, usualIds.uid]);
  },
);
