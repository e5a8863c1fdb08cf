import { resolve } from "node:path";
import type { Result } from "@trust/dialog-engine";
import type { Target } from "./args.ts";
import { openBox } from "./box.ts";
import { ensureCli, type CacheOptions, type InstalledCli, type InstallError } from "./cli-cache.ts";
import { run } from "./run.ts";

/** Why there is no CLI, as a person reads it. */
export type CliProblem = { readonly code: InstallError["code"] | "not-a-cli"; readonly message: string };

export const nameOf = (target: Target): string =>
  target.type === "version" ? `claude@${target.version}` : `claude=${target.path}`;

const explain = ({ code, version, detail }: InstallError): string => {
  switch (code) {
    case "registry-unreachable":
      return `claude@${version} could not be fetched: the npm registry cannot be reached.\n${detail}`;
    case "install-failed":
      return `claude@${version} was not installed, or does not start here.\n${detail}`;
    case "cancelled":
      return `The install of claude@${version} was interrupted.`;
  }
};

/** A program of the user's; it says its own version. */
const localCli = async (path: string, signal: AbortSignal): Promise<Result<InstalledCli, CliProblem>> => {
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  const box = openBox();
  const { stdout, stderr } = await run(file, ["--version"], { cwd: box.root, env: box.env, signal });
  box.remove();
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  const message = `${file} --version said no version: ${stdout}${stderr}`.trim();
  return version === undefined
    ? { ok: false, error: { code: "not-a-cli", message } }
    : { ok: true, value: { version, path: file } };
};

/** The program behind a target, installed first if it has to be. */
export const obtainCli = async (
  target: Target,
  cache: CacheOptions,
): Promise<Result<InstalledCli, CliProblem>> => {
  if (target.type === "path") return localCli(target.path, cache.signal);
  const installed = await ensureCli(target.version, cache);
  return installed.ok
    ? installed
    : { ok: false, error: { code: installed.error.code, message: explain(installed.error) } };
};
