import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyAndParents, keyOf, type Platform } from "./keys.ts";

const nfc = "/home/caf\u00e9";
const nfd = "/home/cafe\u0301";

describe("keyOf", () => {
  test.each<{ what: string; path: string; platform: Platform; key: string }>([
    { what: "a plain path", path: "/work/repo", platform: "linux", key: "/work/repo" },
    { what: "a path that ends with a separator", path: "/work/repo/", platform: "linux", key: "/work/repo" },
    { what: "dots", path: "/work/./x/../repo", platform: "linux", key: "/work/repo" },
    { what: "the root", path: "/", platform: "linux", key: "/" },
    { what: "more `..` than names", path: "/../..", platform: "linux", key: "/" },
    { what: "a backslash in a Unix name", path: "/work/a\\b", platform: "linux", key: "/work/a\\b" },
    { what: "upper case on Unix", path: "/Work/Repo", platform: "darwin", key: "/Work/Repo" },
    { what: "decomposed letters on macOS", path: nfd, platform: "darwin", key: nfc },
    { what: "decomposed letters on Linux", path: nfd, platform: "linux", key: nfd },
    { what: "decomposed letters on Windows", path: `C:${nfd}`, platform: "win32", key: `C:${nfd}` },
    { what: "a drive", path: "C:\\Work\\Repo", platform: "win32", key: "C:/Work/Repo" },
    { what: "a drive in lower case", path: "c:\\Work", platform: "win32", key: "c:/Work" },
    { what: "mixed separators", path: "C:/Work\\Repo/", platform: "win32", key: "C:/Work/Repo" },
    { what: "a drive's root", path: "C:\\", platform: "win32", key: "C:/" },
    { what: "a bare drive", path: "C:", platform: "win32", key: "C:/" },
    { what: "a share", path: "\\\\host\\share\\repo", platform: "win32", key: "//host/share/repo" },
    { what: "a share's root", path: "\\\\host\\share", platform: "win32", key: "//host/share/" },
    { what: "dots above a share", path: "\\\\host\\share\\..", platform: "win32", key: "//host/share/" },
    { what: "the long spelling of a drive", path: "\\\\?\\C:\\Work", platform: "win32", key: "C:/Work" },
    {
      what: "the long spelling of a share",
      path: "\\\\?\\UNC\\host\\share\\x",
      platform: "win32",
      key: "//host/share/x",
    },
  ])("spells $what as $key", ({ path, platform, key }) => {
    expect(keyOf(path, platform)).toBe(key);
  });
});

describe("keyAndParents", () => {
  test.each<{ key: string; platform: Platform; keys: string[] }>([
    { key: "/a/b", platform: "linux", keys: ["/a/b", "/a", "/"] },
    { key: "/", platform: "linux", keys: ["/"] },
    { key: "C:/a", platform: "win32", keys: ["C:/a", "C:/"] },
    { key: "//host/share/a", platform: "win32", keys: ["//host/share/a", "//host/share/"] },
  ])("leads from $key up to its root", ({ key, platform, keys }) => {
    expect(keyAndParents(key, platform)).toEqual(keys);
  });
});

const name = fc
  .string({ minLength: 1, maxLength: 8, unit: "grapheme" })
  .filter((text) => !/[/\\:?]/.test(text));
const names = fc.array(name, { maxLength: 6 });
const anyPath = fc.oneof(
  fc.record({ platform: fc.constantFrom<Platform>("linux", "darwin"), root: fc.constant("/"), names }),
  fc.record({
    platform: fc.constant<Platform>("win32"),
    root: fc.constantFrom("C:/", "c:\\", "\\\\host\\share\\", "//host/share/", "\\\\?\\D:\\"),
    names,
  }),
);

describe("for any path", () => {
  test("a key is its own key", () => {
    fc.assert(
      fc.property(anyPath, ({ platform, root, names }) => {
        const key = keyOf(root + names.join("/"), platform);
        expect(keyOf(key, platform)).toBe(key);
      }),
    );
  });

  test("a separator at the end and empty names do not change the key", () => {
    fc.assert(
      fc.property(anyPath, ({ platform, root, names }) => {
        expect(keyOf(`${root}${names.join("//")}/`, platform)).toBe(keyOf(root + names.join("/"), platform));
      }),
    );
  });

  test("every parent is shorter, is a key, and the folder lies below it", () => {
    fc.assert(
      fc.property(anyPath, ({ platform, root, names }) => {
        const keys = keyAndParents(keyOf(root + names.join("/"), platform), platform);
        for (const [index, key] of keys.entries()) {
          expect(keyOf(key, platform)).toBe(key);
          expect(keys[0]!.startsWith(key)).toBe(true);
          if (index > 0) expect(key.length).toBeLessThan(keys[index - 1]!.length);
        }
      }),
    );
  });
});
