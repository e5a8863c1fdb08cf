import type { Platform } from "@trust/claude-state-probe";
import { describe, expect, test } from "vitest";
import { keyVerdict } from "./key-verdict.ts";

const homes = { linux: "/home/ada", darwin: "/Users/ada", win32: "C:\\Users\\ada" } as const;
type Row = { readonly platform: Platform; readonly key: string; readonly code: string | null };

/** A folder that is its own key. */
const verdict = (key: string, platform: Platform, home: string = homes[platform]): string | null =>
  keyVerdict(key, { real: key, gitRoot: null, home, doubt: null, readSoSince: null }, { platform })?.code ??
  null;

describe("keyVerdict", () => {
  test.for<Row>([
    { platform: "linux", key: "/home/ada", code: "home-not-persistable" },
    { platform: "linux", key: "/home", code: "root-refused" },
    { platform: "linux", key: "/", code: "root-refused" },
    { platform: "linux", key: "/Home", code: null },
    { platform: "linux", key: "/home/ad", code: null },
    { platform: "linux", key: "/home/ada/x", code: null },
    { platform: "darwin", key: "/Users/ada", code: "home-not-persistable" },
    { platform: "darwin", key: "/users/ADA", code: "home-not-persistable" },
    { platform: "darwin", key: "/Users", code: "root-refused" },
    { platform: "darwin", key: "/private/tmp/x", code: null },
    { platform: "win32", key: "C:\\Users\\ada", code: "home-not-persistable" },
    { platform: "win32", key: "c:/users/Ada", code: "home-not-persistable" },
    { platform: "win32", key: "C:/Users", code: "root-refused" },
    { platform: "win32", key: "c:\\", code: "root-refused" },
    { platform: "win32", key: "D:\\", code: "root-refused" },
    { platform: "win32", key: "\\\\nas\\work", code: "root-refused" },
    { platform: "win32", key: "\\\\nas\\work\\repo", code: null },
    { platform: "win32", key: "C:\\Users\\ad", code: null },
    { platform: "win32", key: "C:\\Users\\ada\\repo", code: null },
    { platform: "win32", key: "D:\\Users\\ada", code: null },
  ])("$platform: the key $key gives $code", ({ platform, key, code }) => {
    expect(verdict(key, platform)).toBe(code);
  });

  test("refuses a folder above a home on a share", () => {
    expect(verdict("//NAS/homes/staff", "win32", "\\\\nas\\homes\\staff\\ada")).toBe("root-refused");
  });

  test("accepts a folder's own key in Windows spelling", () => {
    const doubt = { code: "no-repository", place: "C:\\Repo\\.git" } as const;
    const paths = { real: "C:\\Repo", gitRoot: "C:\\Repo", home: homes.win32, doubt, readSoSince: null };
    expect(keyVerdict("C:/Repo", paths, { platform: "win32" })).toBeNull();
    expect(keyVerdict("C:/Other", paths, { platform: "win32" })).toMatchObject({
      code: "key-outside-folder",
    });
  });
});
