import { execFileSync } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
  truncate,
  utimes,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildOverrides } from "../config-override.ts";
import { renderCodexArgs } from "../codex-args.ts";
import { configFile } from "./config-file.ts";
import { findEntry, trustEntries } from "../trust-entries.ts";
import { locateFolder, trustKeys } from "./locate-folder.ts";
import { folderContext, readCodexLaunch, readProjects } from "./read-trust.ts";

let root: string;
const at = (path: string) => join(root, path);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "read-trust-")));
  await mkdir(at("home/.codex"), { recursive: true });
  await mkdir(at("repo/.git"), { recursive: true });
  await mkdir(at("repo/sub"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const place = () => ({ env: {}, home: at("home") });
const file = () => at("home/.codex/config.toml");
const write = (toml: string) => writeFile(file(), toml);
const entry = (folder: string, level: string) =>
  `[projects.${JSON.stringify(folder)}]\ntrust_level = "${level}"\n`;
const read = async (dir: string) => {
  const [projects, located] = await Promise.all([readProjects(place()), locateFolder(dir)]);
  if (!projects.ok) return projects.error;
  if (!located.ok) return located.error;
  const keys = trustKeys(located.value);
  return { ...findEntry(trustEntries(projects.value), keys, "linux"), keys, file: file() };
};

describe("the config file is", () => {
  test.each([
    { what: "below home", env: {}, path: "/home/ada/.codex/config.toml" },
    { what: "in CODEX_HOME", env: { CODEX_HOME: "/srv/codex" }, path: "/srv/codex/config.toml" },
    {
      what: "below home if CODEX_HOME is empty",
      env: { CODEX_HOME: "" },
      path: "/home/ada/.codex/config.toml",
    },
  ])("$what", ({ env, path }) => expect(configFile({ env, home: "/home/ada" })).toBe(path));
});

describe("readProjects answers", () => {
  test("absent without a config.toml", async () => {
    expect(await read(at("repo/sub"))).toEqual({
      state: "absent",
      key: null,
      keys: [at("repo/sub"), at("repo")],
      file: file(),
    });
  });

  test("from the current file, also if another file of the same size and time has replaced it", async () => {
    await write(entry(at("repo"), "trusted"));
    const { atime, mtime } = await stat(file());
    expect(await read(at("repo"))).toMatchObject({ state: "trusted" });
    await write(entry(at("rope"), "trusted"));
    await utimes(file(), atime, mtime);
    expect(await read(at("repo"))).toMatchObject({ state: "absent" });
    await write(entry(at("repo"), "trusted"));
    expect(await read(at("repo"))).toMatchObject({ state: "trusted" });
  });

  test.each([
    { what: "trusted by its own key", key: "repo/sub", level: "trusted" },
    { what: "trusted by its root's key", key: "repo", level: "trusted" },
    { what: "untrusted by its root's key", key: "repo", level: "untrusted" },
  ])("$what", async ({ key, level }) => {
    await write(`model = "x"\n${entry(at(key), level)}`);
    expect(await read(at("repo/sub"))).toMatchObject({ state: level, key: at(key) });
  });

  test("by the real path, not by the path of a link", async () => {
    await symlink(at("repo"), at("link"));
    await write(entry(at("link"), "trusted"));
    expect(await read(at("link"))).toMatchObject({ state: "absent" });
    await write(entry(at("repo"), "trusted"));
    expect(await read(at("link"))).toMatchObject({ state: "trusted", key: at("repo") });
  });

  test("and does not change the file", async () => {
    await write(`# mine\n${entry(at("repo"), "trusted")}`);
    const before = [await readFile(file(), "utf8"), (await stat(file())).mtimeMs];
    await read(at("repo"));
    expect([await readFile(file(), "utf8"), (await stat(file())).mtimeMs]).toEqual(before);
  });
});

describe("readProjects does not guess from", () => {
  test("a file that is not TOML, and shows none of its content", async () => {
    await write('model = "x"\nkey = sk-secret');
    const error = await read(at("repo"));
    expect(error).toEqual({ code: "config-invalid", file: file(), line: 2, column: 7 });
  });

  test("a folder instead of the file", async () => {
    await mkdir(file());
    expect(await read(at("repo"))).toEqual({ code: "config-unreadable", file: file(), detail: "EISDIR" });
  });

  test("a named pipe instead of the file, and does not wait for a writer", async () => {
    execFileSync("mkfifo", [file()]);
    expect(await read(at("repo"))).toEqual({
      code: "config-unreadable",
      file: file(),
      detail: "not a file",
    });
  });

  test("a link to itself instead of the file", async () => {
    await symlink(file(), file());
    expect(await read(at("repo"))).toEqual({ code: "config-unreadable", file: file(), detail: "ELOOP" });
  });

  test("a missing workspace", async () => {
    expect(await read(at("missing"))).toMatchObject({ code: "not-a-folder", detail: "ENOENT" });
  });
});

describe("readCodexLaunch", () => {
  const launch = async (...folders: string[]) => {
    const result = await readCodexLaunch(folders, { ...place(), version: "0.169.0" });
    if (!result.ok) throw new Error(result.error.code);
    return result.value;
  };

  test("gives home as named and with links followed", async () => {
    await symlink(at("home"), at("home-link"));
    expect((await folderContext(at("home-link"))).homes).toEqual([at("home-link"), at("home")]);
    expect((await folderContext(at("no-home"))).homes).toEqual([at("no-home")]);
  });

  test("keeps a folder untrusted if its repository is untrusted", async () => {
    await write(entry(at("repo"), "untrusted"));
    const known = await launch(at("repo/sub"), at("missing"));
    expect(known.untrusted).toEqual([at("repo"), at("repo/sub")]);
    const { overrides } = buildOverrides([at("repo/sub")], known.context);
    expect(renderCodexArgs(["p"], { ...known, overrides })).toEqual({
      ok: true,
      value: { args: ["p"], leftOut: [{ code: "untrusted-by-user", folder: at("repo/sub") }] },
    });
  });

  test("lets a folder be trusted by its own key, even if its repository is untrusted", async () => {
    await write(entry(at("repo"), "untrusted") + entry(at("repo/sub"), "trusted"));
    expect((await launch(at("repo/sub"))).untrusted).toEqual([at("repo")]);
  });

  test.each([
    { version: "0.66.0", keys: ["/srv/a"] },
    { version: "0.72.0", keys: [] },
    { version: null, keys: ["/srv/a"] },
  ])("repeats $keys of config.toml for version $version", async ({ version, keys }) => {
    await write(entry("/srv/a", "trusted"));
    const known = await readCodexLaunch([at("repo")], { ...place(), version });
    expect(known.ok && [...known.value.configured.keys()]).toEqual(keys);
  });

  test("fails if a .git that was not read completely may name an untrusted main checkout", async () => {
    const odd = at("odd");
    await mkdir(odd);
    await writeFile(join(odd, ".git"), "gitdir: x\n");
    await truncate(join(odd, ".git"), 1_000_000_000);
    const error = { code: "pointer-unreadable", file: join(odd, ".git"), detail: "EFBIG" };
    expect(await readCodexLaunch([odd], { ...place(), version: null })).toEqual({ ok: false, error });
    await write(entry(odd, "trusted"));
    expect(await read(odd)).toMatchObject({ state: "trusted", key: odd });
  });

  test("fails if the untrusted folders are not known", async () => {
    await write("projects = [");
    expect(await readCodexLaunch([at("repo")], { ...place(), version: null })).toMatchObject({
      ok: false,
      error: { code: "config-invalid" },
    });
  });
});
