import { readFileSync, writeSync } from "node:fs";
import process from "node:process";
import type { Io } from "./io.ts";
import { olderThanSources, withCommit } from "./build-state.ts";
import { catchHangUps } from "./hang-ups.ts";

/** Reads the arguments, runs the command, and returns the exit code. */
export type RunCli = (argv: readonly string[], version: string, io: Io) => Promise<number>;

export type StartedProgram = {
  readonly name: string;
  /** The program's package.json, which has its version. */
  readonly packageFile: URL;
  /** What `--help` alone prints; without it, the commands print it. */
  readonly overview?: string;
  /** Loads the commands. `--version` and the overview need none of them. */
  readonly load: () => Promise<RunCli>;
  /** True for a server: SIGHUP asks it to reload and does not end it. */
  readonly isServer?: boolean;
  /** True for a program that holds agents or listens on a socket: it is refused on Windows. */
  readonly isUnixOnly?: boolean;
  /** True for a command that takes long anyway: it finds every change of the sources, also one that Git has not seen. */
  readonly comparesSources?: boolean;
};

/**
 * Starts a program as this process. Keep this file's imports few: each program loads all of them for
 * `--version`.
 */
export const startProgram = async ({
  name,
  packageFile,
  overview = "",
  load,
  isServer = false,
  isUnixOnly = false,
  comparesSources = false,
}: StartedProgram): Promise<void> => {
  // Until a handler is set, SIGHUP ends a process, so the handler is set before other code is loaded.
  if (isServer) catchHangUps();
  const argv = process.argv.slice(2);
  const manifest = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const version = withCommit(manifest.version);
  const older = await olderThanSources(version, comparesSources);
  if (older !== null) isWritten(2, `warning: ${older}\n`);
  if (argv.length === 1 && argv[0] === "--version" && isWritten(1, `${version}\n`)) return;
  if (argv.length === 1 && /^(?:--help|-h|help)$/.test(argv[0] ?? "") && isWritten(1, overview)) return;
  const { startProcess } = await import("./start-process.ts");
  const { asksForJson, printFailure } = await import("./io.ts");
  const { platformProblem } = await import("./platform-problem.ts");
  await startProcess(
    name,
    async (io) => {
      const problem = isUnixOnly ? platformProblem(name, process.platform) : null;
      if (problem === null) return (await load())(argv, version, io);
      printFailure(io, asksForJson(argv), problem);
      return 1;
    },
    isServer ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"],
  );
};

/**
 * Writes without Node's own stream, which takes 3 ms to open (20.20). If it fails, the normal start writes
 * again and reports why.
 */
const isWritten = (descriptor: 1 | 2, text: string): boolean => {
  try {
    return writeSync(descriptor, text) > 0;
  } catch {
    return false;
  }
};
