import { setTimeout as pause } from "node:timers/promises";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { askHost, explainHost, holdsFolder } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";

export type DownFlags = { readonly data?: string; readonly json?: boolean };

/** The time limit for a host's start, and for its end, s: the host waits for its agents and delivers their messages. */
const maxSeconds = 60;
const pollEveryMs = 50;

/**
 * Ends the host of a data folder, also one that still starts, and waits for its end. Succeeds immediately if no host runs.
 * Returns the exit code.
 */
export const downCommand = async (flags: DownFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const asked = await askHost(dataDir, { command: "stop", seconds: maxSeconds, signal: io.signal });
  if (io.signal.aborted) return 130;
  if (!asked.ok && asked.error.code !== "no-host")
    return failed(explainHost(dataDir, asked.error), isJson, io);
  if (!asked.ok) {
    if (isJson) printJson(io, { ok: true, state: "not-running", data: dataDir });
    else io.stdout.write(`No host runs in ${dataDir}.\n`);
    return 0;
  }
  const { pid } = asked.value as { readonly pid: number };
  const until = performance.now() + maxSeconds * 1000;
  while (await holdsFolder(dataDir, pid)) {
    if (io.signal.aborted) return 130;
    if (performance.now() > until) return failed(stillThere(pid), isJson, io);
    await pause(pollEveryMs);
  }
  if (isJson) printJson(io, { ok: true, state: "ended", data: dataDir, pid });
  else io.stdout.write(`${paintFor(io).good("ended")} the host of ${dataDir} (pid ${pid})\n`);
  return 0;
};

const failed = (failure: Failure, isJson: boolean, io: Io): number => {
  printFailure(io, isJson, failure);
  return 1;
};

const stillThere = (pid: number): Failure => ({
  code: "still-running",
  message: `The host (pid ${pid}) was told to stop and still runs after ${maxSeconds} s.`,
  fix: "follow its log with gatehouse logs -f; a second SIGTERM ends the host immediately",
});
