import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Result } from "@gatehouse/std";
import { clis, type Provider } from "./clis.ts";
import { run, type Ended } from "../start/run.ts";

/** One version of a CLI. */
export type CliVersion = { readonly provider: Provider; readonly version: string };

/** A program on this machine, and the version that it reports. */
export type LocalCli = { readonly version: string; readonly path: string };

/** A real CLI, ready to start. */
export type InstalledCli = CliVersion & LocalCli;

export type InstallError = {
  readonly code: "registry-unreachable" | "install-failed" | "cancelled";
  readonly cli: CliVersion;
  /** The first lines of the output of npm or the CLI. */
  readonly detail: string;
};

/** The codes that npm prints, as `npm error code X`, if it could not reach the registry at all. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT)\b/;

/**
 * An install that a killed process left behind is removed once it is older than this (ms). No install takes
 * so long.
 */
const abandonedAfter = 60 * 60 * 1000;

/** The folder that keeps downloads between runs. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  env["GATEHOUSE_CACHE"] ?? join(homedir(), ".cache", "gatehouse");

const folderOf = (cache: string, { provider, version }: CliVersion) => join(cache, `${provider}-${version}`);
const binOf = (folder: string, { provider }: CliVersion) => join(folder, "node_modules", ".bin", provider);

/** PATH for an installed CLI: the Node that was installed beside it comes first. */
export const pathFor = (bin: string, path: string = ""): string => [dirname(bin), path].join(delimiter);

/** Node for this machine from the registry. The package `node` would fetch the same one by a script. */
const nodePackage = (version: string): string => {
  const { platform, arch } = process;
  const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  return `${prefix}-${platform}-${arch}@${version}`;
};

/**
 * Installs the package into `folder`. Scripts are off, and the one needed script is run separately, so that
 * the result does not depend on the caller's npm settings. Claude Code 2.1.247 asks for Node 22 in its
 * `engines`, which its native binary does not need.
 */
const fetchInto = async (
  folder: string,
  { provider, version }: CliVersion,
  signal: AbortSignal,
): Promise<Ended> => {
  const { packageName, script, node } = clis[provider];
  const args = [
    "install",
    "--prefix",
    folder,
    "--ignore-scripts",
    "--engine-strict=false",
    "--include=optional",
  ];
  const quiet = [
    "--no-audit",
    "--no-fund",
    "--no-progress",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
  ];
  const packages = [`${packageName}@${version}`, ...(node === undefined ? [] : [nodePackage(node)])];
  const npm = await run("npm", [...args, ...quiet, ...packages], { cwd: folder, signal });
  const file = script === undefined ? null : join(folder, "node_modules", packageName, script);
  if (npm.exitCode !== 0 || file === null || !existsSync(file)) return npm;
  return run(process.execPath, [file], { cwd: folder, signal });
};

/**
 * Starts the CLI once, in a HOME inside its own folder, to check that it runs here and has the requested
 * version.
 */
const verify = (folder: string, cli: CliVersion, signal: AbortSignal): Promise<Ended> =>
  run(binOf(folder, cli), ["--version"], {
    cwd: folder,
    env: { PATH: pathFor(binOf(folder, cli), process.env["PATH"]), HOME: folder, DISABLE_AUTOUPDATER: "1" },
    signal,
  });

/**
 * The version in the output of a CLI's `--version`: `2.1.328 (Claude Code)`, `codex-cli 0.169.0`, `0.61.0`.
 * pi 0.79.0 and older say it on stderr. A CLI that fails says none: its error may name a path with a version.
 */
export const versionIn = ({ exitCode, stdout, stderr }: Ended): string | undefined =>
  exitCode === 0 ? /\d+\.\d+\.\d+/.exec(stdout === "" ? stderr : stdout)?.[0] : undefined;

const removeAbandoned = async (cache: string): Promise<void> => {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (name.startsWith(".installing-") && Date.now() - (await stat(path)).mtimeMs > abandonedAfter)
      await rm(path, { recursive: true, force: true });
  }
};

/**
 * Renames a finished install to its final name. Another process may have installed the same version
 * meanwhile.
 */
const publish = (from: string, to: string): Promise<void> =>
  rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });

const install = async (
  folder: string,
  cli: CliVersion,
  signal: AbortSignal,
): Promise<Result<null, InstallError>> => {
  const fail = (code: InstallError["code"], { stdout, stderr }: Ended) => {
    const detail = `${stdout}\n${stderr}`.trim().split("\n").slice(0, 4).join("\n");
    return { ok: false, error: { code, cli, detail } } as const;
  };
  const fetched = await fetchInto(folder, cli, signal);
  if (signal.aborted) return fail("cancelled", fetched);
  if (fetched.exitCode !== 0)
    return fail(unreachable.test(fetched.stderr) ? "registry-unreachable" : "install-failed", fetched);
  const verified = await verify(folder, cli, signal);
  return versionIn(verified) === cli.version
    ? { ok: true, value: null }
    : fail(signal.aborted ? "cancelled" : "install-failed", verified);
};

export type CacheOptions = {
  /** The cache's folder, created if it is missing. */
  readonly cache: string;
  /** Called once, before a download starts. */
  readonly onInstall: (cli: CliVersion) => void;
  readonly signal: AbortSignal;
};

/**
 * The real CLI of this version, from the cache or newly installed. A broken install never gets the final
 * name.
 */
export const ensureCli = async (
  cli: CliVersion,
  { cache, onInstall, signal }: CacheOptions,
): Promise<Result<InstalledCli, InstallError>> => {
  const target = folderOf(cache, cli);
  const path = binOf(target, cli);
  const installed = { ok: true, value: { ...cli, path } } as const;
  if (existsSync(path)) return installed;
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  onInstall(cli);
  const folder = await mkdtemp(join(cache, `.installing-${cli.version}-`));
  await chmod(folder, 0o755); // another user starts the CLI for the recordings that root cannot make
  const result = await install(folder, cli, signal);
  if (result.ok) await publish(folder, target);
  await rm(folder, { recursive: true, force: true });
  return result.ok ? installed : result;
};

/** Deletes one version from the cache. */
export const removeCli = (cli: CliVersion, cache: string): Promise<void> =>
  rm(folderOf(cache, cli), { recursive: true, force: true });
