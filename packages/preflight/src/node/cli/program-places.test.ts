import type { Platform } from "@trust/claude-state-probe";
import { describe, expect, test } from "vitest";
import { programPlaces } from "./program-places.ts";

type Row = {
  readonly what: string;
  readonly platform: Platform;
  readonly env: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly folders: readonly string[];
  readonly names: readonly string[];
};

const suffixed = ["claude.com", "claude.exe", "claude.bat", "claude.cmd"];

describe("programPlaces", () => {
  test.for<Row>([
    {
      what: "uses the name unchanged on Linux",
      platform: "linux",
      env: { PATH: "/a:/b;c", PATHEXT: ".EXE" },
      folders: ["/a", "/b;c"],
      names: ["claude"],
    },
    {
      what: "skips relative entries on macOS",
      platform: "darwin",
      env: { PATH: ".:/opt/homebrew/bin::bin:C:\\x" },
      folders: ["/opt/homebrew/bin"],
      names: ["claude"],
    },
    {
      what: "ignores other spellings of PATH on Linux",
      platform: "linux",
      env: { Path: "/a" },
      folders: [],
      names: ["claude"],
    },
    {
      what: "splits at semicolons and tries each suffix on Windows",
      platform: "win32",
      env: { PATH: "C:\\bin;\\\\nas\\tools;d:/x", PATHEXT: ".COM;.EXE;.BAT;.CMD" },
      folders: ["C:\\bin", "\\\\nas\\tools", "d:/x"],
      names: suffixed,
    },
    {
      what: "tries the usual suffixes without PATHEXT",
      platform: "win32",
      env: { Path: "C:\\bin" },
      folders: ["C:\\bin"],
      names: suffixed,
    },
    {
      what: "keeps PATHEXT's order, in any case and with empty entries",
      platform: "win32",
      env: { PATH: "C:\\bin", PathExt: ".CMD;; .Exe;py" },
      folders: ["C:\\bin"],
      names: ["claude.cmd", "claude.exe"],
    },
    {
      what: "reads a quoted entry",
      platform: "win32",
      env: { PATH: '"C:\\Program Files\\x";C:\\y' },
      folders: ["C:\\Program Files\\x", "C:\\y"],
      names: suffixed,
    },
    {
      what: "skips entries of the current drive or folder",
      platform: "win32",
      env: { PATH: "\\tools;C:tools;.;..\\x;" },
      folders: [],
      names: suffixed,
    },
    {
      what: "adds nothing to a name with a suffix of PATHEXT",
      platform: "win32",
      env: { PATH: "C:\\bin" },
      file: "claude.EXE",
      folders: ["C:\\bin"],
      names: ["claude.EXE"],
    },
    {
      what: "adds suffixes after another suffix",
      platform: "win32",
      env: { PATH: "C:\\bin", PATHEXT: ".EXE" },
      file: "claude.js",
      folders: ["C:\\bin"],
      names: ["claude.js.exe"],
    },
  ])("$what", ({ platform, env, file = "claude", folders, names }) => {
    expect(programPlaces(file, env, platform)).toEqual({ folders, names });
  });
});
