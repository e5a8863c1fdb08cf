import { execFile } from "node:child_process";
import { access, constants, readdir, realpath } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Result } from "@gatehouse/std";

/** A Claude Code on this machine. */
export type ClaudeCli = { readonly path: string; readonly version: string };

/** Finds the named CLI, else the newest in the cache of `npm run compat`, else the first on PATH. */
export const findCli = async (named: string | undefined): Promise<Result<ClaudeCli, string>> => {
  for (const path of named === undefined ? [...(await inCache()), ...onPath()] : [named]) {
    if (!(await isProgram(path))) continue;
    return { ok: true, value: { path: await realpath(path), version: await versionOf(path) } };
  }
  const fix = "npm run compat -- --cli claude fetches it; or name it with --claude PATH";
  return { ok: false, error: `no Claude Code found (${fix})` };
};

/** The CLIs in the cache, the newest first. */
const inCache = async (): Promise<readonly string[]> => {
  const cache = process.env["GATEHOUSE_CACHE"] || join(homedir(), ".cache", "gatehouse");
  const names = await readdir(cache).catch(() => []);
  return names
    .filter((name) => name.startsWith("claude-"))
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((name) => join(cache, name, "node_modules", ".bin", "claude"));
};

const onPath = (): readonly string[] =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "claude"));

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const versionOf = async (path: string): Promise<string> => {
  const env = { PATH: process.env["PATH"], HOME: tmpdir(), DISABLE_AUTOUPDATER: "1" };
  const { stdout } = await promisify(execFile)(path, ["--version"], { env });
  return stdout.split(" ")[0] ?? "";
};
