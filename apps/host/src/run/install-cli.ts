import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installCommand, type AgentCli } from "@trust/preflight";
import { ownCliFile, ownCliFolder } from "@gatehouse/trust-cli";
import { makeFolder, prepareDataFolder } from "@gatehouse/fs-kit";
import { dataFolderFix, explainUnsafeFolder } from "../up/explain-start.ts";
import { attempt } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";

export type InstallError = {
  readonly code: "registry-unreachable" | "install-failed" | "cancelled" | "data-folder-unsafe";
  readonly message: string;
  readonly fix: string;
};

type Argv = readonly [command: string, ...args: string[]];
type Env = NodeJS.ProcessEnv;
type Ended = { readonly exitCode: number | null; readonly output: string };

/** What npm prints, as `npm error code X`, when it could not reach the registry at all (npm 10 and 11). */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Installs a program's pinned version from npm into the data folder, and returns the path of its executable.
 * The folder gets its final name only after the program has run, so an interrupted install is never found.
 */
export const installCli = async (
  dataDir: string,
  program: AgentCli,
  signal: AbortSignal,
): Promise<Result<string, InstallError>> => {
  const target = ownCliFolder(dataDir, program);
  const prepared = await prepareDataFolder(dataDir);
  if (!prepared.ok && prepared.error.code === "unsafe")
    return { ok: false, error: explainUnsafeFolder(dataDir, prepared.error.place) };
  const made = await attempt(() => makeUnfinished(target));
  if (!made.ok) return { ok: false, error: explainNoFolder(made.error, program, dataDir) };
  const folder = made.value;
  const fetched = await fetchInto(folder, program, signal);
  const ended = fetched.exitCode === 0 ? await firstStart(folder, program, signal) : fetched;
  if (ended.exitCode === 0) await publish(folder, target);
  await rm(folder, { recursive: true, force: true });
  if (ended.exitCode === 0) return { ok: true, value: ownCliFile(dataDir, program) };
  return { ok: false, error: explain(ended.output, program, signal.aborted) };
};

/** Creates a new folder beside the target. */
const makeUnfinished = async (target: string): Promise<string> => {
  await makeFolder(dirname(target), 0o711);
  return mkdtemp(`${target}.installing-`);
};

/**
 * Scripts are off, so that the outcome does not depend on the caller's npm settings. `install.cjs` is then
 * run explicitly (Claude Code 2.1.113 and later: it puts the native binary in place). Its `engines` ask for
 * Node 22 from about 2.1.198 on, but the native binary does not need Node 22.
 */
const fetchInto = async (folder: string, program: AgentCli, signal: AbortSignal): Promise<Ended> => {
  const what = [
    "install",
    "--prefix",
    folder,
    "--ignore-scripts",
    "--engine-strict=false",
    "--include=optional",
  ];
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const options = { cwd: folder, env: process.env, signal };
  const npm = await run(["npm", ...what, ...quiet, `${program.npmPackage}@${program.npmVersion}`], options);
  const script = join(folder, "node_modules", program.npmPackage, "install.cjs");
  return npm.exitCode !== 0 || !existsSync(script) ? npm : run([process.execPath, script], options);
};

/**
 * Starts the program once, to check that it runs on this machine. HOME is its own folder, so no profile is
 * touched.
 */
const firstStart = (folder: string, { file }: AgentCli, signal: AbortSignal): Promise<Ended> => {
  const env = { ...process.env, HOME: folder, DISABLE_AUTOUPDATER: "1" };
  return run([join(folder, "node_modules", ".bin", file), "--version"], { cwd: folder, env, signal });
};

/** Another process may have installed the same version meanwhile. Its copy is as good. */
const publish = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
};

/**
 * Runs a program to its end with an empty stdin. If it cannot be started, the result has the system's
 * message.
 */
const run = (
  [command, ...args]: Argv,
  options: { cwd: string; env: Env; signal: AbortSignal },
): Promise<Ended> =>
  new Promise((resolve) => {
    const { cwd, env, signal } = options;
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const stop = (): boolean => child.kill("SIGTERM");
    const end = (exitCode: number | null): void => {
      signal.removeEventListener("abort", stop);
      resolve({ exitCode, output });
    };
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => {
      output += error.message;
      end(null);
    });
    child.on("close", end);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });

const explainNoFolder = (detail: string, { title, npmVersion }: AgentCli, dataDir: string): InstallError => ({
  code: "install-failed",
  message: `${title} ${npmVersion} could not be installed: no folder can be made in ${dataDir} (${detail}).`,
  fix: dataFolderFix,
});

const explain = (output: string, program: AgentCli, isCancelled: boolean): InstallError => {
  const what = `${program.title} ${program.npmVersion}`;
  const fix = `Try again, or install it yourself: ${installCommand(program)}`;
  if (isCancelled) return { code: "cancelled", message: `The installation of ${what} was cancelled.`, fix };
  const said = output.trim().split("\n").slice(-6).join("\n");
  return unreachable.test(output)
    ? { code: "registry-unreachable", message: `${what} could not be fetched from npm: ${said}`, fix }
    : { code: "install-failed", message: `${what} could not be installed: ${said}`, fix };
};
