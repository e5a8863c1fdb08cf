import { execFile } from "node:child_process";
import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { agentClis, trustPreflightEnv, type Environment, type FoundCli, type Provider } from "../index.ts";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import { withTempFolder } from "./temp-folder.ts";

/** `claude --version` took 10 ms (2.1.328, a native binary) to 0.5 s (2.1.112, on Node); milliseconds. */
const versionTimeout = 10_000;

/**
 * The version in the package.json of an npm-installed program, without starting it; null if npm did not
 * install the program. npm's `bin` entries are symlinks into the package.
 */
export const packagedVersion = async (path: string, provider: Provider): Promise<string | null> =>
  (await installedAs(path, provider)).version;

/** A program with its version as in `packagedVersion`, and whether its package has since moved to another name. */
export const installedAs = async (path: string, provider: Provider): Promise<FoundCli> => {
  const { npmPackage, formerPackage } = agentClis[provider];
  for (let folder = dirname(await realpath(path)); ; folder = dirname(folder)) {
    const found = await packageIn(folder);
    if (found?.name === npmPackage) return { path, version: found.version };
    if (found !== null && found.name === formerPackage) return { path, version: null, isFormerPackage: true };
    if (found !== null || dirname(folder) === folder) return { path, version: null };
  }
};

/** Null if there is no readable package.json: the folders above a program may belong to anyone. */
const packageIn = async (folder: string): Promise<{ name: unknown; version: string } | null> => {
  try {
    const parsed: unknown = JSON.parse(await readPlainFile(join(folder, "package.json")));
    const { name, version } = Object(parsed) as { name?: unknown; version?: unknown };
    return typeof version === "string" ? { name, version } : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};

const versionCache = new Map<string, string | null>();

/** The version that `<cli> --version` prints; null if it prints none. Asked once per program file and process. */
export const spokenVersion = async (path: string, env: Environment): Promise<string | null> => {
  // Not kept on disk: a version manager's shim is the same file for all versions.
  const { mtimeMs, size } = await stat(path);
  const key = `${path} ${mtimeMs} ${size}`;
  const known = versionCache.get(key);
  if (known !== undefined) return known;
  const version = await ask(path, env);
  versionCache.set(key, version);
  return version;
};

const ask = async (path: string, env: Environment): Promise<string | null> => {
  // Uses a throw-away HOME: 2.1.328 wrote nothing there, other versions were not checked.
  const lent = await withTempFolder((home) =>
    versionOutput(path, { ...trustPreflightEnv(env), HOME: home, CLAUDE_CONFIG_DIR: home }, home),
  );
  if (!lent.ok) return null;
  const { stdout, stderr } = lent.value;
  // pi up to 0.79.0 prints its version on stderr, on a line of its own. Warnings there name versions too.
  const found = /\d+\.\d+\.\d+/.exec(stdout) ?? /(?<=^v?)\d+\.\d+\.\d+$/m.exec(stderr);
  return found?.[0] ?? null;
};

type VersionOutput = { readonly stdout: string; readonly stderr: string };

const versionOutput = (path: string, env: NodeJS.ProcessEnv, cwd: string): Promise<VersionOutput> =>
  new Promise((resolve) => {
    const options = { env, cwd, timeout: versionTimeout, killSignal: "SIGKILL" } as const;
    execFile(path, ["--version"], options, (error, stdout, stderr) =>
      resolve(error === null ? { stdout, stderr } : { stdout: "", stderr: "" }),
    );
  });
