import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installCommand, type AgentCli } from "@trust/preflight";
import { ownCliFile, ownCliFolder } from "@gatehouse/trust-cli";
import type { Io } from "@gatehouse/cli-kit";
import { dataFolderFix, makeFolder, prepareDataFolder } from "@gatehouse/fs-kit";
import {
  createFetchProgress,
  fetchPackages,
  publishFolder,
  runToEnd,
  type Ended,
  type FetchError,
} from "@gatehouse/npm-fetch";
import { explainUnsafeFolder } from "@gatehouse/data-folder";
import { attempt } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";

export type InstallError = {
  readonly code: "registry-unreachable" | "install-failed" | "cancelled" | "data-folder-unsafe";
  readonly message: string;
  readonly fix: string;
};

/** The approximate size on disk of the pinned Claude Code. */
export const megabytes = 370;

/**
 * Installs a program's pinned version from npm into the data folder, and returns the path of its executable.
 * The folder gets its final name only after the program has run, so an interrupted install is never found.
 */
export const installCli = async (
  dataDir: string,
  program: AgentCli,
  { stderr, signal }: Pick<Io, "stderr" | "signal">,
): Promise<Result<string, InstallError>> => {
  const target = ownCliFolder(dataDir, program);
  const prepared = await prepareDataFolder(dataDir);
  if (!prepared.ok && prepared.error.code === "unsafe")
    return { ok: false, error: explainUnsafeFolder(dataDir, prepared.error.place) };
  const made = await attempt(() => makeUnfinished(target));
  if (!made.ok) return { ok: false, error: explainNoFolder(made.error, program, dataDir) };
  const folder = made.value;
  const installed = await install(folder, program, { dataDir, stderr, signal });
  if (installed.ok) await publishFolder(folder, target);
  await rm(folder, { recursive: true, force: true });
  return installed.ok
    ? { ok: true, value: ownCliFile(dataDir, program) }
    : { ok: false, error: explain(installed.error, program) };
};

type Install = Pick<Io, "stderr" | "signal"> & { readonly dataDir: string };

/** Fetches the program and starts it once, because a program may not run on this machine. */
const install = async (
  folder: string,
  program: AgentCli,
  { dataDir, stderr, signal }: Install,
): Promise<Result<null, FetchError>> => {
  const { title, npmPackage, npmVersion } = program;
  const progress = createFetchProgress({ name: `${title} ${npmVersion}`, into: dataDir, megabytes }, stderr);
  const fetched = await fetchPackages({
    folder,
    packages: [`${npmPackage}@${npmVersion}`],
    // The script of Claude Code 2.1.113 and later installs the native binary.
    script: `${npmPackage}/install.cjs`,
    signal,
    onBytes: progress.onBytes,
  });
  progress.end(fetched.ok);
  if (!fetched.ok) return fetched;
  const { exitCode, stdout, stderr: errors } = await firstStart(folder, program, signal);
  if (exitCode === 0) return fetched;
  const code = signal.aborted ? "cancelled" : "install-failed";
  return {
    ok: false,
    error: { code, detail: `${stdout}${errors}`.trim().split("\n").slice(0, 4).join("\n") },
  };
};

/** Creates a new folder beside the target. */
const makeUnfinished = async (target: string): Promise<string> => {
  await makeFolder(dirname(target), 0o711);
  return mkdtemp(`${target}.installing-`);
};

/**
 * Starts the program once, to check that it runs on this machine. A HOME of its own protects the person's profile.
 */
const firstStart = (folder: string, { file }: AgentCli, signal: AbortSignal): Promise<Ended> => {
  const env = { ...process.env, HOME: folder, DISABLE_AUTOUPDATER: "1" };
  return runToEnd(join(folder, "node_modules", ".bin", file), ["--version"], { cwd: folder, env, signal });
};

const explainNoFolder = (detail: string, { title, npmVersion }: AgentCli, dataDir: string): InstallError => ({
  code: "install-failed",
  message: `${title} ${npmVersion} could not be installed: no folder can be created in ${dataDir} (${detail}).`,
  fix: dataFolderFix(detail),
});

const explain = ({ code, detail }: FetchError, program: AgentCli): InstallError => {
  const what = `${program.title} ${program.npmVersion}`;
  const fix = `Try again, or install it yourself: ${installCommand(program)}`;
  switch (code) {
    case "cancelled":
      return { code, message: `The installation of ${what} was cancelled.`, fix };
    case "registry-unreachable":
      return {
        code,
        message: `${what} could not be fetched: npm's registry cannot be reached.\n${detail}`,
        fix,
      };
    case "install-failed":
      return { code, message: `${what} could not be installed: ${detail}`, fix };
  }
};
