import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAtOrBelow, isRootPath } from "./covers.ts";
import type { Platform } from "./keys.ts";

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
