import { execFile } from "node:child_process";
import { access, constants, realpath } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Result } from "@gatehouse/std";

/** The bare script is tuned to the dead window and the option order of this version. */
export const measuredVersion = "2.1.332";

export type ClaudeCli = { readonly path: string; readonly version: string };

const isProgram = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The path of the CLI in the cache of `npm run compat`. */
const inCache = (): string => {
  const cache = process.env["GATEHOUSE_CACHE"] || join(homedir(), ".cache", "gatehouse");
  return join(cache, `claude-${measuredVersion}`, "node_modules", ".bin", "claude");
};

const onPath = (): readonly string[] =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "claude"));

const versionOf = async (path: string): Promise<string> => {
  const env = { PATH: process.env["PATH"], HOME: tmpdir(), DISABLE_AUTOUPDATER: "1" };
  const { stdout } = await promisify(execFile)(path, ["--version"], { env });
  return stdout.split(" ")[0] ?? "";
};

/** The named CLI, else compat's, else the first on PATH; only the measured version is accepted. */
export const findCli = async (named: string | undefined): Promise<Result<ClaudeCli, string>> => {
  for (const path of named === undefined ? [inCache(), ...onPath()] : [named]) {
    if (!(await isProgram(path))) continue;
    const version = await versionOf(path);
    return version === measuredVersion
      ? { ok: true, value: { path: await realpath(path), version } }
      : {
          ok: false,
          error: `${path} is Claude Code ${version}; the measurement is made for ${measuredVersion}`,
        };
  }
  const fix = `npm run compat -- --cli claude@${measuredVersion} fetches it; or name it with --claude PATH`;
  return { ok: false, error: `no Claude Code found (${fix})` };
};
