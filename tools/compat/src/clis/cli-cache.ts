import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import {
  fetchPackages,
  publishFolder,
  runToEnd,
  type Ended,
  type FetchError,
  type FetchProgress,
} from "@gatehouse/npm-fetch";
import { cliFacts, type Provider } from "@gatehouse/provider-facts";
import type { Result } from "@gatehouse/std";
import { clis } from "./clis.ts";

/** One version of a CLI. */
export type CliVersion = { readonly provider: Provider; readonly version: string };

/** A program on this machine, and the version that it reports. */
export type LocalCli = { readonly version: string; readonly path: string };

/** A real CLI, ready to start. */
export type InstalledCli = CliVersion & LocalCli;

export type InstallError = FetchError & { readonly cli: CliVersion };

/**
 * An install that a killed process left behind is removed once it is older than this (ms). No install takes
 * so long.
 */
const abandonedAfter = 60 * 60 * 1000;

/** The folder that keeps downloads between runs. An empty variable counts as unset. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  env["GATEHOUSE_CACHE"] || join(homedir(), ".cache", "gatehouse");

const folderOf = (cache: string, { provider, version }: CliVersion) => join(cache, `${provider}-${version}`);
const binOf = (folder: string, { provider }: CliVersion) => join(folder, "node_modules", ".bin", provider);

/** PATH for an installed CLI: the Node that was installed with it comes first. */
export const pathFor = (bin: string, path: string = ""): string => [dirname(bin), path].join(delimiter);

/** Node for this machine from the registry. The package `node` would fetch the same one by a script. */
const nodePackage = (version: string): string => {
  const { platform, arch } = process;
  const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  return `${prefix}-${platform}-${arch}@${version}`;
};

/**
 * Starts the CLI once, in a HOME inside its own folder, to check that it runs here and has the requested
 * version.
 */
const verify = (folder: string, cli: CliVersion, signal: AbortSignal): Promise<Ended> =>
  runToEnd(binOf(folder, cli), ["--version"], {
    cwd: folder,
    env: { PATH: pathFor(binOf(folder, cli), process.env["PATH"]), HOME: folder, DISABLE_AUTOUPDATER: "1" },
    signal,
  });

/**
 * The version in the output of a CLI's `--version`: `2.1.328 (Claude Code)`, `codex-cli 0.169.0`, `0.61.0`.
 * pi 0.79.0 and older print it on stderr. The output of a CLI that fails is ignored: its error may name a
 * path with a version.
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

/** Fetches one version into `folder`, and checks that it runs here and has the requested version. */
const install = async (
  folder: string,
  cli: CliVersion,
  { signal, onBytes }: Pick<CacheOptions, "signal"> & Pick<FetchProgress, "onBytes">,
): Promise<Result<null, InstallError>> => {
  const { script, node } = clis[cli.provider];
  const { npmPackage } = cliFacts[cli.provider];
  const fetched = await fetchPackages({
    folder,
    packages: [`${npmPackage}@${cli.version}`, ...(node === undefined ? [] : [nodePackage(node)])],
    ...(script === undefined ? {} : { script: `${npmPackage}/${script}` }),
    signal,
    onBytes,
    // A build machine may be busy, and no person waits at a terminal.
    answerWithinMs: 30_000,
  });
  if (!fetched.ok) return { ok: false, error: { ...fetched.error, cli } };
  const verified = await verify(folder, cli, signal);
  if (versionIn(verified) === cli.version) return fetched;
  const detail = `${verified.stdout}\n${verified.stderr}`.trim().split("\n").slice(0, 4).join("\n");
  return { ok: false, error: { code: signal.aborted ? "cancelled" : "install-failed", cli, detail } };
};

export type CacheOptions = {
  /** The cache's folder, created if it is missing. */
  readonly cache: string;
  /** Called once, before a download starts; returns the receiver of its progress and its end. */
  readonly onInstall: (cli: CliVersion) => FetchProgress;
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
  const progress = onInstall(cli);
  const folder = await mkdtemp(join(cache, `.installing-${cli.version}-`));
  await chmod(folder, 0o755); // another user starts the CLI for the recordings that root cannot make
  const result = await install(folder, cli, { signal, onBytes: progress.onBytes });
  progress.end(result.ok);
  if (result.ok) await publishFolder(folder, target);
  await rm(folder, { recursive: true, force: true });
  return result.ok ? installed : result;
};

/** Deletes one version from the cache. */
export const removeCli = (cli: CliVersion, cache: string): Promise<void> =>
  rm(folderOf(cache, cli), { recursive: true, force: true });
