import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { probeTrust, trustSnapshot } from "./probe-trust.ts";
import { locateWorkspace } from "./locate/locate-workspace.ts";
import { readGrants } from "./read-grants.ts";

let home: string;
let folder: string;
const at = (path: string) => join(home, path);
const accepted = (...keys: string[]) =>
  JSON.stringify({
    oauthAccount: { emailAddress: "somebody@example.com" },
    projects: Object.fromEntries(
      keys.map((key) => [key, { hasTrustDialogAccepted: true, history: ["s3cret"] }]),
    ),
  });

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "probe-trust-")));
  folder = at("work/folder");
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const probe = (env: Record<string, string> = {}) => probeTrust({ workspace: folder, env, home });

describe("probeTrust, the place of the state file", () => {
  test("reads .claude.json in the home folder", async () => {
    await writeFile(at(".claude.json"), accepted(folder));
    expect(await probe()).toEqual({
      state: "trusted",
      code: "own-key",
      key: folder,
      file: at(".claude.json"),
      why: `${folder} itself is trusted.`,
    });
  });

  test("reads the folder that CLAUDE_CONFIG_DIR names, and only that", async () => {
    await mkdir(at("config"));
    await writeFile(at(".claude.json"), accepted(folder));
    const env = { CLAUDE_CONFIG_DIR: at("config") };
    expect(await probe(env)).toMatchObject({ state: "untrusted", code: "no-state-file" });
    await writeFile(at("config/.claude.json"), accepted(folder));
    expect(await probe(env)).toMatchObject({ state: "trusted", file: at("config/.claude.json") });
    expect(await probe({ CLAUDE_CONFIG_DIR: "" })).toMatchObject({ file: at(".claude.json") });
  });

  // Claude Code takes it from the folder in which it works (2.1.332).
  test.each([
    { what: "a name", of: () => "config" },
    { what: "a path from the folder of this process", of: () => relative(process.cwd(), at("config")) },
    { what: "a home folder that no shell has replaced", of: () => "~/config" },
  ])("refuses a relative CLAUDE_CONFIG_DIR: $what", async ({ of }) => {
    await mkdir(at("config"));
    await writeFile(at("config/.claude.json"), accepted(folder));
    const CLAUDE_CONFIG_DIR = of();
    expect(await probe({ CLAUDE_CONFIG_DIR })).toMatchObject({
      state: "unknown",
      code: "state-unreadable",
      why: `Claude Code's state file could not be read (${join(CLAUDE_CONFIG_DIR, ".claude.json")} is no absolute path): give CLAUDE_CONFIG_DIR an absolute path.`,
    });
  });

  test("reads the .config.json of the first releases if it exists", async () => {
    await writeFile(at(".claude.json"), accepted());
    await mkdir(at(".claude"));
    await writeFile(at(".claude/.config.json"), accepted(folder));
    expect(await probe()).toMatchObject({ state: "trusted", file: at(".claude/.config.json") });
  });

  test("follows a state file that is a link", async () => {
    await writeFile(at("dotfiles.json"), accepted(folder));
    await symlink(at("dotfiles.json"), at(".claude.json"));
    expect(await probe()).toMatchObject({ state: "trusted", file: at(".claude.json") });
  });
});

describe("probeTrust, the content of the state file", () => {
  test.each([
    { what: "no projects", content: "{}" },
    { what: "projects that are null", content: '{"projects":null}' },
    { what: "no entry for the folder", content: '{"projects":{"/":{"hasTrustDialogAccepted":false}}}' },
    { what: "a byte order mark", content: '\uFEFF{"projects":{}}' },
  ])("$what: untrusted", async ({ content }) => {
    await writeFile(at(".claude.json"), content);
    expect(await probe()).toMatchObject({ state: "untrusted", code: "no-key", key: folder });
  });

  test.each([
    { what: "another shape", content: "[]" },
    { what: "projects of another shape", content: '{"projects":["s3cret"]}' },
    { what: "half a file", content: '{"projects":{"s3cret' },
    { what: "no text", content: "" },
  ])("$what: unknown, and none of the content is shown", async ({ content }) => {
    await writeFile(at(".claude.json"), content);
    const answer = await probeTrust({ workspace: folder, env: {}, home, wait: async () => {} });
    expect(answer).toMatchObject({ state: "unknown", code: "state-unreadable", key: folder });
    expect(JSON.stringify(answer)).not.toContain("s3cret");
  });

  test("a half-written file is read again until it is complete", async () => {
    await writeFile(at(".claude.json"), accepted(folder).slice(0, -9));
    const waits: number[] = [];
    const wait = async (milliseconds: number) => {
      waits.push(milliseconds);
      if (waits.length === 2) await writeFile(at(".claude.json"), accepted(folder));
    };
    expect(await probeTrust({ workspace: folder, env: {}, home, wait })).toMatchObject({ state: "trusted" });
    expect(waits).toEqual([5, 20]);
  });

  test("a folder instead of the file: unknown", async () => {
    await mkdir(at(".claude.json"));
    expect(await probe()).toMatchObject({ state: "unknown", code: "state-unreadable" });
    expect((await probe()).why).toContain("not a file");
  });

  test("a pipe instead of the file: unknown, immediately", async ({ skip }) => {
    skip(process.platform === "win32", "named pipes are not files on Windows");
    execFileSync("mkfifo", [at(".claude.json")]);
    expect(await probe()).toMatchObject({ state: "unknown", code: "state-unreadable" });
  });

  test("a loop of links instead of the file: unknown", async () => {
    await symlink(at(".claude.json"), at(".claude.json"));
    expect((await probe()).why).toContain("ELOOP");
  });

  test("a file larger than the longest text: unknown", async () => {
    await writeFile(at(".claude.json"), "{");
    await truncate(at(".claude.json"), 5_000_000_000);
    expect((await probe()).why).toContain("EFBIG");
  });

  test("a file of 20 MB: read like a small one", { tags: ["slow"] }, async () => {
    const history = "x".repeat(1000);
    const others = Array.from({ length: 20_000 }, (_, index) => [`/w/${index}`, { history }]);
    const projects = Object.fromEntries([...others, [folder, { hasTrustDialogAccepted: true }]]);
    await writeFile(at(".claude.json"), JSON.stringify({ projects }));
    expect((await stat(at(".claude.json"))).size).toBeGreaterThan(20e6);
    expect(await probe()).toMatchObject({ state: "trusted", code: "own-key" });
  });
});

describe("probeTrust, the folder", () => {
  test("is located first", async () => {
    await mkdir(at("work/.git"));
    await writeFile(at(".claude.json"), accepted(at("work")));
    expect(await probe()).toMatchObject({ state: "trusted", code: "git-root-key", key: at("work") });
  });

  test("does not exist: unknown", async () => {
    await writeFile(at(".claude.json"), accepted(home));
    expect(await probeTrust({ workspace: at("missing"), env: {}, home })).toMatchObject({
      state: "unknown",
      code: "not-a-folder",
      key: null,
    });
  });

  test("is the home folder: home-not-persisted, with and without a state file", async () => {
    const answer = { state: "untrusted", code: "home-not-persisted", key: null };
    expect(await probeTrust({ workspace: home, env: {}, home })).toMatchObject(answer);
    await writeFile(at(".claude.json"), accepted());
    expect(await probeTrust({ workspace: home, env: {}, home })).toMatchObject(answer);
  });

  test("pre-approves permissions in its settings: a key above it is not enough", async () => {
    await writeFile(at(".claude.json"), accepted(at("work")));
    expect(await probe()).toMatchObject({ state: "trusted", code: "covered-by-parent" });
    await mkdir(join(folder, ".claude"));
    await writeFile(join(folder, ".claude/settings.json"), '{"permissions":{"allow":["Bash"]}}');
    expect(await probe()).toMatchObject({
      state: "untrusted",
      code: "permissions-need-own-key",
      key: folder,
    });
    const older = await probeTrust({ workspace: folder, env: {}, home, cliVersion: "2.1.199 (Claude Code)" });
    expect(older).toMatchObject({ state: "trusted", code: "covered-by-parent" });
  });

  test.each([
    { value: "1", state: "unknown" },
    { value: "TRUE", state: "unknown" },
    { value: "on", state: "unknown" },
    { value: "0", state: "trusted" },
    { value: "2", state: "trusted" },
    { value: "", state: "trusted" },
  ])("is $state with CLAUDE_CODE_IGNORE_PERSISTED_TRUST=$value", async ({ value, state }) => {
    await writeFile(at(".claude.json"), accepted(folder));
    expect(await probe({ CLAUDE_CODE_IGNORE_PERSISTED_TRUST: value })).toMatchObject({ state });
  });
});

const made = async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "trust-snapshot-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, folder, other] = [join(root, "home"), join(root, "a"), join(root, "b")] as const;
  for (const place of [home, folder, other]) mkdirSync(place);
  const trust = (...folders: readonly string[]): void => {
    const projects = Object.fromEntries(folders.map((key) => [key, { hasTrustDialogAccepted: true }]));
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ projects }));
  };
  const pathsOf = async (dir: string) => {
    const located = await locateWorkspace(dir, { home });
    if (!located.ok) throw new Error(located.error.detail);
    return located.value;
  };
  const paths = { folder: await pathsOf(folder), other: await pathsOf(other) };
  return { root, paths, trust, context: { env: { HOME: home }, home } };
};

test("a snapshot gives the same answers as probeTrust and readGrants", async () => {
  const { root, paths, trust, context } = await made();
  trust(paths.folder.real);
  writeFileSync(join(root, ".mcp.json"), JSON.stringify({ mcpServers: { one: { command: "x" } } }));
  const snapshot = trustSnapshot(context);
  for (const place of [paths.folder, paths.other]) {
    expect(await snapshot.probe(place)).toEqual(await probeTrust({ ...context, paths: place }));
    expect(await snapshot.grants(place)).toEqual(await readGrants(place));
  }
  expect(await snapshot.grants(paths.other)).toHaveLength(1);
});

test("a snapshot reads a shared file once, and does not see a later change of it", async () => {
  const { root, paths, trust, context } = await made();
  trust(paths.folder.real);
  const snapshot = trustSnapshot(context);
  expect((await snapshot.probe(paths.folder)).state).toBe("trusted");
  expect(await snapshot.grants(paths.folder)).toEqual([]);
  trust(paths.other.real);
  writeFileSync(join(root, ".mcp.json"), JSON.stringify({ mcpServers: { one: { command: "x" } } }));
  expect((await snapshot.probe(paths.other)).state).toBe("untrusted");
  expect(await snapshot.grants(paths.other)).toEqual([]);
  const later = trustSnapshot(context);
  expect((await later.probe(paths.other)).state).toBe("trusted");
  expect(await later.grants(paths.other)).toHaveLength(1);
});
