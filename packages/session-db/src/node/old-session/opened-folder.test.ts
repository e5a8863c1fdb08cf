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

/** `box/m/a` belongs to the agent, `outside/m/a` does not. */
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
  test("removes entries of the folder that was opened, though a link takes its place afterwards", async () => {
    const { base, box, outside, aside, putLink } = made();
    const isRemoved = await inFolder(box, base, (opened) => {
      putLink();
      return removeEntry(opened, "m", { left: 10 });
    });
    expect(isRemoved).toBe(true);
    expect([readdirSync(aside), readdirSync(join(outside, "m"))]).toEqual([[], ["a"]]);
  });

  test("is refused if it is a link, and a link inside it is not followed", async () => {
    const { base, box, outside, putLink } = made();
    symlinkSync(outside, join(box, "n"));
    expect(await inFolder(box, base, (opened) => removeEntry(opened, "n", { left: 10 }))).toBe(true);
    putLink();
    await expect(inFolder(box, base, () => Promise.resolve(true))).rejects.toThrow(/ENOTDIR|ELOOP/);
    expect(await inFolder(join(box, "m"), base, () => Promise.resolve(true))).toBeNull();
    expect(readdirSync(outside)).toEqual(["m"]);
  });

  test("recognises a file that was opened through a link, though a folder with a file of that name replaces the link", async () => {
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

  test("stops at its limit, and keeps a folder inside a folder unless it is empty", async () => {
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
