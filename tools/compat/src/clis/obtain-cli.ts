import { resolve } from "node:path";
import { runToEnd } from "@gatehouse/npm-fetch";
import type { Result } from "@gatehouse/std";
import type { Target } from "../args.ts";
import { openBox } from "../box/box.ts";
import {
  ensureCli,
  versionIn,
  type CacheOptions,
  type InstalledCli,
  type InstallError,
  type LocalCli,
} from "./cli-cache.ts";

/** Why the CLI could not be obtained, for a person. */
export type CliProblem = { readonly code: InstallError["code"] | "not-a-cli"; readonly message: string };

export const nameOf = (target: Target): string =>
  target.type === "version" ? `${target.provider}@${target.version}` : `${target.provider}=${target.path}`;

const explain = ({ code, cli, detail }: InstallError): string => {
  const name = `${cli.provider}@${cli.version}`;
  switch (code) {
    case "registry-unreachable":
      return `${name} could not be fetched: the npm registry cannot be reached.\n${detail}`;
    case "install-failed":
      return `${name} was not installed, or does not start here.\n${detail}`;
    case "cancelled":
      return `The install of ${name} was interrupted.`;
  }
};

/** A program of the user, which reports its own version. */
export const localCli = async (path: string, signal: AbortSignal): Promise<Result<LocalCli, CliProblem>> => {
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  const box = openBox();
  const ended = await runToEnd(file, ["--version"], { cwd: box.root, env: box.env, signal });
  box.remove();
  const version = versionIn(ended);
  const message = `${file} --version said no version: ${ended.stdout}${ended.stderr}`.trim();
  return version === undefined
    ? { ok: false, error: { code: "not-a-cli", message } }
    : { ok: true, value: { version, path: file } };
};

/** The program for a target, installed first if necessary. */
export const obtainCli = async (
  target: Target,
  cache: CacheOptions,
): Promise<Result<InstalledCli, CliProblem>> => {
  const { provider } = target;
  if (target.type === "path") {
    const local = await localCli(target.path, cache.signal);
    return local.ok ? { ok: true, value: { provider, ...local.value } } : local;
  }
  const installed = await ensureCli({ provider, version: target.version }, cache);
  return installed.ok
    ? installed
    : { ok: false, error: { code: installed.error.code, message: explain(installed.error) } };
};
