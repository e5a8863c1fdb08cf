import { existsSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { hostFilesIn } from "@gatehouse/data-folder";
import { acquireFileLock, dataFolder } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import { findHost } from "@gatehouse/people";
import { thisMachine } from "@nc/user-wizard/node";

export type DownFlags = { readonly data?: string; readonly json?: boolean };

/** The time limit for a host's end, ms: the host waits for its agents and delivers their messages. */
const maxMs = 60_000;
const pollEveryMs = 50;

/**
 * Ends the host of a data folder with SIGTERM, also one that still starts, and waits for its end. Succeeds immediately if no
 * host runs. Returns the exit code.
 */
export const downCommand = async (flags: DownFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const files = hostFilesIn(dataDir);
  const pid = await hostThatStarted(files, io.signal);
  if (io.signal.aborted) return 130;
  if (pid === null) {
    if (isJson) printJson(io, { ok: true, state: "not-running", data: dataDir });
    else io.stdout.write(`No host runs in ${dataDir}.\n`);
    return 0;
  }
  const told = await attempt(async () => signal(pid, "SIGTERM"));
  if (!told.ok) return failed(notOurs(pid, dataDir, told.error), isJson, io);
  const until = Date.now() + maxMs;
  while ((await findHost(thisMachine, files)) === pid) {
    if (io.signal.aborted) return 130;
    if (Date.now() > until) return failed(stillThere(pid), isJson, io);
    await pause(pollEveryMs);
  }
  if (isJson) printJson(io, { ok: true, state: "ended", data: dataDir, pid });
  else io.stdout.write(`${paintFor(io).good("ended")} the host of ${dataDir} (pid ${pid})\n`);
  return 0;
};

/**
 * Returns the host's process id; null if no host runs. A host that still starts holds the data folder and has written no id
 * yet: then this waits.
 */
const hostThatStarted = async (
  files: ReturnType<typeof hostFilesIn>,
  signal: AbortSignal,
): Promise<number | null> => {
  for (const until = Date.now() + maxMs; ; await pause(pollEveryMs)) {
    const pid = await findHost(thisMachine, files);
    if (pid !== null || signal.aborted || Date.now() > until || !existsSync(files.lock)) return pid;
    const lock = await acquireFileLock({ path: files.lock, timeoutMs: 0 });
    if (lock.ok) await lock.value.release();
    // Other errors are about the file: nothing holds it.
    if (lock.ok || lock.error.code !== "lock-timeout") return null;
  }
};

const failed = (failure: Failure, isJson: boolean, io: Io): number => {
  printFailure(io, isJson, failure);
  return 1;
};

/** Sends the signal. Does nothing if the host has ended meanwhile. */
const signal = (pid: number, name: "SIGTERM"): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

const notOurs = (pid: number, dataDir: string, detail: string): Failure => ({
  code: "not-permitted",
  message: `The host of ${dataDir} (pid ${pid}) could not be stopped (${detail}).`,
  fix: "run this as the account that started the host",
});

const stillThere = (pid: number): Failure => ({
  code: "still-running",
  message: `The host (pid ${pid}) was told to stop and still runs after ${maxMs / 1000} s.`,
  fix: "follow its log with gatehouse logs -f; a second SIGTERM ends the host immediately",
});
