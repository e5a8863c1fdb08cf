import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { inFolder, isOpenedAt, removeEntry } from "./opened-folder.ts";

/** `box/m/a` of an agent, and `outside/m/a` that is not its own. */
const made = () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "opened-folder-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  for (const name of ["box", "outside"]) {
    mkdirSync(join(base, name, "m"), { recursive: true });
    writeFileSync(join(base, name, "m", "a"), name);
  }
  const [box, outside, aside] = ["box", "outside", "aside"].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  return {
    ...{ base, box, outside, aside },
    putLink: () => {
      renameSync(box, aside);
      symlinkSync(outside, box);
    },
    putFolder: () => {
      rmSync(box);
      renameSync(aside, box);
    },
  };
};

describe.runIf(existsSync("/proc/self/fd"))("an opened folder", () => {
  test("is the one that entries are removed from, though a link takes its place after the look", async () => {
    const { base, box, outside, aside, putLink } = made();
    const isRemoved = await inFolder(box, base, (opened) => {
      putLink();
      return removeEntry(opened, "m", { left: 10 });
    });
    expect(isRemoved).toBe(true);
    expect([readdirSync(aside), readdirSync(join(outside, "m"))]).toEqual([[], ["a"]]);
  });

  test("that is a link is not gone into, nor is one inside it", async () => {
    const { base, box, outside, putLink } = made();
    symlinkSync(outside, join(box, "n"));
    expect(await inFolder(box, base, (opened) => removeEntry(opened, "n", { left: 10 }))).toBe(true);
    putLink();
    await expect(inFolder(box, base, () => Promise.resolve(true))).rejects.toThrow(/ENOTDIR|ELOOP/);
    expect(await inFolder(join(box, "m"), base, () => Promise.resolve(true))).toBeNull();
    expect(readdirSync(outside)).toEqual(["m"]);
  });

  test("a file that was opened by a link is known, though a folder with a file of that name takes its place", async () => {
    const { base, box, putLink, putFolder } = made();
    const path = join(box, "m", "a");
    putLink();
    const file = await open(path);
    putFolder();
    expect(await isOpenedAt(file, path, base)).toBe(false);
    await file.close();
    const own = await open(path);
    expect(await isOpenedAt(own, path, base)).toBe(true);
    await own.close();
  });

  test("gives up at its limit, and keeps a folder in a folder that is not empty", async () => {
    const { base, box } = made();
    for (const name of ["b", "c"]) writeFileSync(join(box, "m", name), "");
    expect(await inFolder(box, base, (opened) => removeEntry(opened, "m", { left: 2 }))).toBe(false);
    expect(readdirSync(join(box, "m"))).toHaveLength(2);
    mkdirSync(join(box, "m", "empty"));
    mkdirSync(join(box, "m", "full", "more"), { recursive: true });
    expect(await inFolder(box, base, (opened) => removeEntry(opened, "m", { left: 10 }))).toBe(false);
    expect(readdirSync(join(box, "m"))).toEqual(["full"]);
  });
});
