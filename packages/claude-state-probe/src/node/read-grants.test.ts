import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { readGrants } from "./read-grants.ts";

let home: string;
const at = (path: string) => join(home, path);

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "read-grants-")));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const put = async (path: string, content: unknown) => {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), typeof content === "string" ? content : JSON.stringify(content));
};
const paths = (real: string, gitRoot: string | null = null, mainRoot = gitRoot): WorkspacePaths => ({
  given: at(real),
  real: at(real),
  gitRoot: gitRoot && at(gitRoot),
  mainRoot: mainRoot && at(mainRoot),
  pointed: [],
  doubt: null,
  readSoSince: null,
  home,
});
const rows = async (where: WorkspacePaths) =>
  (await readGrants(where)).map(({ kind, name, file }) => `${relative(home, file)}: ${kind} ${name}`);

const allow = (rule: string) => ({ permissions: { allow: [rule] } });
const server = (name: string) => ({ mcpServers: { [name]: { command: "x" } } });

test("settings come from the folder up to its repository's root, servers from all folders above", async () => {
  await put("w/.claude/settings.json", allow("Above"));
  await put("w/.mcp.json", server("above"));
  await put("w/repo/.claude/settings.json", allow("Root"));
  await put("w/repo/.mcp.json", server("root"));
  await put("w/repo/a/.claude/settings.json", allow("Between"));
  await put("w/repo/a/b/.claude/settings.json", allow("Own"));
  await put("w/repo/a/b/.claude/settings.local.json", allow("Local"));
  expect(await rows(paths("w/repo/a/b", "w/repo"))).toEqual([
    "w/repo/a/b/.claude/settings.json: permission Own",
    "w/repo/a/b/.claude/settings.local.json: permission Local",
    "w/repo/a/.claude/settings.json: permission Between",
    "w/repo/.claude/settings.json: permission Root",
    "w/repo/.mcp.json: mcp-server root",
    "w/.mcp.json: mcp-server above",
  ]);
});

test("a plain folder has its own settings, but not those of folders above", async () => {
  await put("w/.claude/settings.json", allow("Above"));
  await put("w/p/.claude/settings.json", allow("Own"));
  expect(await rows(paths("w/p"))).toEqual(["w/p/.claude/settings.json: permission Own"]);
});

test("a worktree has its own files and those of its main checkout", async () => {
  await put("tree/.claude/settings.json", allow("Own"));
  await put("repo/.claude/settings.json", allow("Main"));
  await put("repo/.mcp.json", server("main"));
  expect(await rows(paths("tree", "tree", "repo"))).toEqual([
    "tree/.claude/settings.json: permission Own",
    "repo/.claude/settings.json: permission Main",
    "repo/.mcp.json: mcp-server main",
  ]);
});

test("a folder without files has no grants", async () => {
  await mkdir(at("p"));
  expect(await rows(paths("p"))).toEqual([]);
});

test("a file that cannot be parsed is a row of kind unreadable", async () => {
  await put("p/.claude/settings.json", '{"permissions": {"allow": ["Bash"');
  await put("p/.claude/settings.local.json", "\uFEFF" + JSON.stringify(allow("Read")));
  await mkdir(at("p/.mcp.json"));
  expect(await rows(paths("p"))).toEqual([
    "p/.claude/settings.json: unreadable it is not whole JSON",
    "p/.claude/settings.local.json: permission Read",
    "p/.mcp.json: unreadable it is not a file",
  ]);
});

test.each([
  { size: 1_048_576, grant: "unreadable it is not whole JSON" },
  { size: 1_048_577, grant: "unreadable EFBIG" },
  { size: 5_000_000_000, grant: "unreadable EFBIG" },
])("a file of $size bytes is: $grant", async ({ size, grant }) => {
  await put("w/.mcp.json", "{");
  await truncate(at("w/.mcp.json"), size);
  expect(await rows(paths("w"))).toEqual([`w/.mcp.json: ${grant}`]);
});

test("a pipe instead of a file does not block the read", async ({ skip }) => {
  skip(process.platform === "win32", "named pipes are not files on Windows");
  await mkdir(at("p/.claude"), { recursive: true });
  execFileSync("mkfifo", [at("p/.claude/settings.json")]);
  expect(await rows(paths("p"))).toEqual(["p/.claude/settings.json: unreadable it is not a file"]);
});
