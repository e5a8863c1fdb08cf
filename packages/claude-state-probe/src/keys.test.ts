import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAtOrBelow, isRootPath, keyAndParents, keyOf, type Platform } from "./keys.ts";

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

type Row = { platform: Platform; folder: string; above: string; is: boolean };

describe("isAtOrBelow", () => {
  test.for<Row>([
    { platform: "linux", folder: "/home/ada", above: "/home", is: true },
    { platform: "linux", folder: "/home/ada", above: "/home/ada/", is: true },
    { platform: "linux", folder: "/home/ada", above: "/", is: true },
    { platform: "linux", folder: "/home/ada", above: "/home/ad", is: false },
    { platform: "linux", folder: "/home/ada", above: "/Home", is: false },
    { platform: "linux", folder: "/home/ada", above: "/home/ada/x", is: false },
    { platform: "darwin", folder: "/Users/ada", above: "/users", is: true },
    { platform: "darwin", folder: "/Users/Caf\u00e9", above: "/users/cafe\u0301", is: true },
    { platform: "darwin", folder: "/private/tmp/x", above: "/private/tmp", is: true },
    { platform: "darwin", folder: "/private/tmp/x", above: "/tmp", is: false },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "C:/Users", is: true },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "c:\\users\\ada\\", is: true },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "C:\\", is: true },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "C:", is: true },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "\\\\?\\C:\\Users", is: true },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "C:\\Users\\Ad", is: false },
    { platform: "win32", folder: "C:\\Users\\Ada", above: "D:\\", is: false },
    { platform: "win32", folder: "\\\\nas\\home\\ada", above: "//NAS/home", is: true },
    { platform: "win32", folder: "\\\\nas\\home\\ada", above: "\\\\nas\\homes", is: false },
  ])("$platform: $folder at or below $above is $is", ({ platform, folder, above, is }) => {
    expect(isAtOrBelow(folder, above, platform)).toBe(is);
  });

  const names = fc.array(fc.stringMatching(/^[\p{L}\p{N} _-]{1,8}$/u), { minLength: 1, maxLength: 5 });

  test("is true for a folder and every folder above it, in either separator and case", () => {
    fc.assert(
      fc.property(names, fc.nat(5), fc.boolean(), (parts, up, isUpper) => {
        const folder = `C:\\${parts.join("\\")}`;
        const above = `c:/${parts.slice(0, Math.max(0, parts.length - up)).join("/")}`;
        expect(isAtOrBelow(folder, isUpper ? above.replace(/^c/, "C") : above, "win32")).toBe(true);
      }),
    );
  });

  test("is never true for a folder beside it", () => {
    fc.assert(
      fc.property(names, fc.constantFrom<Platform>("linux", "darwin"), (parts, platform) => {
        expect(isAtOrBelow(`/r/${parts.join("/")}`, `/r/${parts.join("/")}-`, platform)).toBe(false);
      }),
    );
  });
});

describe("isRootPath", () => {
  test.for<{ platform: Platform; path: string; is: boolean }>([
    { platform: "linux", path: "/", is: true },
    { platform: "linux", path: "/..", is: true },
    { platform: "linux", path: "/srv", is: false },
    { platform: "linux", path: "C:\\", is: false },
    { platform: "darwin", path: "/", is: true },
    { platform: "darwin", path: "/Users", is: false },
    { platform: "win32", path: "D:\\", is: true },
    { platform: "win32", path: "d:", is: true },
    { platform: "win32", path: "\\\\nas\\home", is: true },
    { platform: "win32", path: "\\\\?\\D:\\", is: true },
    { platform: "win32", path: "D:\\x", is: false },
    { platform: "win32", path: "\\\\nas\\home\\x", is: false },
  ])("$platform: $path is $is", ({ platform, path, is }) => {
    expect(isRootPath(path, platform)).toBe(is);
  });
});
