import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { packagedVersion, spokenVersion } from "./cli-version.ts";
import { findCli, programPlaces } from "./find-cli.ts";
import type { Platform } from "@trust/claude-state-probe";

const newFolder = (): string => {
  const folder = realpathSync(mkdtempSync("/tmp/find-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const program = (path: string, text = "#!/bin/sh\n"): string => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
};

describe("findCli", () => {
  test("finds the first file on PATH that can be run", async () => {
    const root = newFolder();
    mkdirSync(join(root, "a", "claude"), { recursive: true });
    writeFileSync(join(root, "b"), "");
    const wanted = program(join(root, "c", "claude"));
    program(join(root, "d", "claude"));
    const PATH = ["a", "b", "none", "c", "d"].map((name) => join(root, name)).join(":");
    expect(await findCli("claude", { env: { PATH } })).toEqual({ ok: true, value: wanted });
  });

  test("never finds a program in the current folder through a relative entry", async () => {
    expect(await findCli("claude", { env: { PATH: ".:bin::" } })).toMatchObject({
      ok: false,
      error: { code: "cli-not-found", looked: 'no "claude" in the 0 folders of PATH' },
    });
  });

  test("uses a named path, and no other one instead", async () => {
    const root = newFolder();
    const PATH = join(root, "bin");
    program(join(PATH, "claude"));
    const named = program(join(root, "mine"));
    expect(await findCli("claude", { env: { PATH }, explicit: named })).toEqual({ ok: true, value: named });
    chmodSync(named, 0o644);
    expect(await findCli("claude", { env: { PATH }, explicit: join(root, "no") })).toMatchObject({
      ok: false,
      error: { looked: `${join(root, "no")} cannot be run (ENOENT)` },
    });
    expect(await findCli("claude", { env: { PATH }, explicit: root })).toMatchObject({
      error: { looked: `${root} cannot be run (not a file)` },
    });
  });
});

describe("packagedVersion", () => {
  const installed = (name: string, version: unknown): string => {
    const root = newFolder();
    const folder = join(root, "node_modules", "@anthropic-ai", "claude-code");
    program(join(folder, "bin", "claude.exe"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version }));
    mkdirSync(join(root, "bin"));
    symlinkSync(join(folder, "bin", "claude.exe"), join(root, "bin", "claude"));
    return join(root, "bin", "claude");
  };

  test("is read beside the program that npm linked to", async () => {
    expect(await packagedVersion(installed("@anthropic-ai/claude-code", "2.1.328"), "claude")).toBe(
      "2.1.328",
    );
  });

  test("is not read from another package", async () => {
    expect(await packagedVersion(installed("my-wrapper", "9.9.9"), "claude")).toBeNull();
  });

  test.each([
    { what: "null", make: (file: string) => writeFileSync(file, "null") },
    { what: "half of one", make: (file: string) => writeFileSync(file, '{"version":') },
    { what: "a folder", make: (file: string) => mkdirSync(file) },
    { what: "a loop of links", make: (file: string) => symlinkSync(file, file) },
  ])("looks further up where the package.json beside it is $what", async ({ make }) => {
    const path = installed("@anthropic-ai/claude-code", "2.1.328");
    make(join(path, "..", "..", "node_modules", "@anthropic-ai", "claude-code", "bin", "package.json"));
    expect(await packagedVersion(path, "claude")).toBe("2.1.328");
  });

  test("is null for a program without a package", async () => {
    expect(await packagedVersion(program(join(newFolder(), "claude")), "claude")).toBeNull();
  });
});

describe("spokenVersion", () => {
  test("is the output of --version, read under another HOME and once per file", async () => {
    const root = newFolder();
    const log = join(root, "log");
    const path = program(
      join(root, "claude"),
      `#!/bin/sh\necho "$1 $HOME" >> ${log}\necho "2.1.99 (Claude Code)"\n`,
    );
    const env = { PATH: process.env["PATH"], HOME: "/home/ada" };
    expect(await spokenVersion(path, env)).toBe("2.1.99");
    expect(await spokenVersion(path, env)).toBe("2.1.99");
    program(path, "#!/bin/sh\necho 2.1.100-beta\n");
    expect(await spokenVersion(path, env)).toBe("2.1.100");
  });

  test.each([
    { of: "stderr (pi up to 0.79.0)", script: "echo 0.79.0 >&2", version: "0.79.0" },
    {
      of: "stderr behind a warning",
      script: "echo warning: use 20.19.0 >&2; echo v0.79.0 >&2",
      version: "0.79.0",
    },
    { of: "stdout before stderr", script: "echo 9.9.9 >&2; echo 0.87.1", version: "0.87.1" },
    { of: "no warning on stderr", script: "echo needs Node 22.12.0 >&2", version: null },
    { of: "no version of Node", script: "echo Node.js v20.19.0 >&2; echo v20.19.0: old >&2", version: null },
    { of: "no program that fails", script: "echo 0.79.0 >&2; exit 1", version: null },
  ])("is read from $of", async ({ script, version }) => {
    const env = { PATH: process.env["PATH"] };
    const path = program(join(newFolder(), "pi"), `#!/bin/sh\n${script}\n`);
    expect(await spokenVersion(path, env)).toBe(version);
  });

  test("is null for a program that fails or prints no version", async () => {
    const env = { PATH: process.env["PATH"] };
    expect(await spokenVersion(program(join(newFolder(), "a"), "#!/bin/sh\nexit 3\n"), env)).toBeNull();
    expect(await spokenVersion(program(join(newFolder(), "b"), "#!/bin/sh\necho hello\n"), env)).toBeNull();
  });
});

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
