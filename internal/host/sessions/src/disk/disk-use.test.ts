import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { reserveIn, writtenSince } from "./disk-use.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "disk-use-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const mebibyte = 2 ** 20;
const written = (path: string, bytes = 4 * mebibyte): void => writeFileSync(path, Buffer.alloc(bytes, "x"));

describe("writtenSince counts", () => {
  test("files in all folders, also with a name that begins with a dot", async () => {
    const root = folder();
    mkdirSync(join(root, ".a/b"), { recursive: true });
    for (const name of ["one", ".a/.two", ".a/b/three"]) written(join(root, name));
    expect(await writtenSince(root, 0)).toBeGreaterThanOrEqual(12 * mebibyte);
  });

  test("a file whose times the agent has set to long ago", async () => {
    const root = folder();
    const before = Date.now() - 1_000;
    written(join(root, "one"));
    utimesSync(join(root, "one"), 1, 1);
    expect(await writtenSince(root, before)).toBeGreaterThanOrEqual(4 * mebibyte);
  });

  test("empty files, which use up a disk's files", async () => {
    const root = folder();
    for (let file = 0; file < 1_000; file += 1) writeFileSync(join(root, `f-${file}`), "");
    expect(await writtenSince(root, 0)).toBeGreaterThanOrEqual(1_000 * 4_096);
  });

  test("only the blocks of a file with holes, which is all that it takes of the disk", async () => {
    const root = folder();
    writeFileSync(join(root, "holes"), "");
    truncateSync(join(root, "holes"), 2 ** 40);
    expect(await writtenSince(root, 0)).toBeLessThan(mebibyte);
  });

  test("no file that was last changed before", async () => {
    const root = folder();
    written(join(root, "one"));
    expect(await writtenSince(root, statSync(join(root, "one")).ctimeMs + 1)).toBe(0);
  });

  test.for(["a link to a file", "a link to a folder", "a loop of links"])(
    "nothing behind %s",
    async (what) => {
      const [root, other] = [folder(), folder()];
      written(join(other, "large"));
      const target =
        what === "a link to a file" ? join(other, "large") : what === "a link to a folder" ? other : root;
      symlinkSync(target, join(root, "link"));
      expect(await writtenSince(root, 0)).toBeLessThan(mebibyte);
    },
  );

  test("each name of a file with two names", async () => {
    const root = folder();
    written(join(root, "one"));
    linkSync(join(root, "one"), join(root, "two"));
    expect(await writtenSince(root, 0)).toBeGreaterThanOrEqual(8 * mebibyte);
  });
});

describe("the reserve", () => {
  test("takes its bytes of the disk, and gives them back", async () => {
    const root = folder();
    const reserve = reserveIn(root);
    expect(await reserve.isThere()).toBe(false);
    await reserve.make(3 * mebibyte);
    const { size, blocks, mode } = statSync(join(root, "disk-reserve"));
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 3 * mebibyte, mode: 0o600 });
    expect(blocks * 512).toBeGreaterThanOrEqual(3 * mebibyte);
    expect(await reserve.isThere()).toBe(true);
    await reserve.release();
    expect(await reserve.isThere()).toBe(false);
  });

  test.for([
    { total: 200 * mebibyte, bytes: 20 * mebibyte },
    { total: 2 ** 40, bytes: 64 * mebibyte },
  ])("is a tenth of a small disk, and 64 MiB of a large one: $total", ({ total, bytes }) =>
    expect(reserveIn("/none").bytesOf(total)).toBe(bytes),
  );
});
