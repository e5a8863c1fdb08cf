import { setTimeout as pause } from "node:timers/promises";
import type { Failure } from "@gatehouse/cli-kit";
import { askHost, explainHost, holdsFolder } from "@gatehouse/data-folder";
import { fail, ok, type Result } from "@gatehouse/std";

/** The time limit for a host's start, and for its end, s: the host waits for its agents and delivers their messages. */
const maxSeconds = 60;
const pollEveryMs = 50;

/**
 * Ends the host of a data folder, also one that still starts, and waits until it has released the folder. With `take-over` its
 * agents run on, for the next host. Returns its process id; null if no host ran. `cancelled` if the signal aborts meanwhile.
 */
export const endHost = async (
  dataDir: string,
  command: "stop" | "take-over",
  signal: AbortSignal,
): Promise<Result<number | null, Failure>> => {
  const asked = await askHost(dataDir, { command, seconds: maxSeconds, signal });
  if (signal.aborted) return fail(interrupted);
  if (!asked.ok) return asked.error.code === "no-host" ? ok(null) : fail(explainHost(dataDir, asked.error));
  const { pid } = asked.value as { readonly pid: number };
  const until = performance.now() + maxSeconds * 1000;
  while (await holdsFolder(dataDir, pid)) {
    if (signal.aborted) return fail(interrupted);
    if (performance.now() > until) return fail(stillThere(pid));
    await pause(pollEveryMs);
  }
  return ok(pid);
};

const interrupted: Failure = { code: "cancelled", message: "Interrupted; the host was told to end." };

const stillThere = (pid: number): Failure => ({
  code: "still-running",
  message: `The host (pid ${pid}) was told to stop and still runs after ${maxSeconds} s.`,
  fix: "follow its log with gatehouse logs -f; a second SIGTERM ends the host immediately",
});
