import { realpath } from "node:fs/promises";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { thisMachine } from "@nc/user-wizard/node";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { hostFilesIn } from "@gatehouse/data-folder";
import { findHost } from "./find-host.ts";
import { readReport, reportFileIn, sinceBootMs, type ReloadReport } from "./reload-report.ts";

export type ReloadRequest = {
  /** The data folder. */
  readonly data: string;
  /** The users.yaml that the host must reload. */
  readonly file: string;
  /** The launchd label or systemd unit of the host. */
  readonly serviceLabel: string;
  /** Resolves with true if the host with this process id is to be signalled. */
  readonly isWanted: (pid: number) => Promise<boolean>;
};

/** The result. If the host did not reload, `command` restarts it, which has the same effect. */
export type Reloaded =
  | { readonly state: "reloaded"; readonly pid: number; readonly report: ReloadReport }
  | { readonly state: "no-host" | "not-told"; readonly command: readonly string[] };

/**
 * Signals the host of a data folder to read its users again, if one runs and `isWanted` agrees. Errors:
 * `reload-unknown`, `other-users-file`, or `reload-refused` if the host kept its users.
 */
export const reloadHost = async (request: ReloadRequest): Promise<Result<Reloaded, Failure>> => {
  const { data, serviceLabel, isWanted } = request;
  const command = restartCommand(thisMachine.platform, serviceLabel);
  const pid = await findHost(thisMachine, hostFilesIn(data));
  if (pid === null) return ok({ state: "no-host", command });
  if (!(await isWanted(pid))) return ok({ state: "not-told", command });
  const signalled = await signalHost(data, pid);
  if (signalled.state === "reported") return reported(pid, signalled.report, request.file);
  const message =
    signalled.state === "gone"
      ? `The host (pid ${pid}) ended while it read its users.`
      : `The host (pid ${pid}) was told, but has not answered for ${Math.round(signalled.waitedMs / 1000)} s.`;
  return fail({ code: "reload-unknown", message, fix: `sudo ${command.join(" ")}` });
};

const reported = async (
  pid: number,
  report: ReloadReport,
  file: string,
): Promise<Result<Reloaded, Failure>> => {
  if (!(await isSameFile(report.usersFile, file))) return fail(otherFile(pid, report, file));
  if (report.ok) return ok({ state: "reloaded", pid, report });
  const { message, fix } = report.error ?? { message: "", fix: undefined };
  const kept = `The host (pid ${pid}) keeps the users it had: ${message}`;
  return fail({ code: "reload-refused", message: kept, ...(fix === undefined ? {} : { fix }) });
};

const isSameFile = async (a: string, b: string): Promise<boolean> =>
  a === b || (await realPath(a)) === (await realPath(b));

/** Returns the path itself if there is no file. */
const realPath = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return path;
  }
};

const otherFile = (pid: number, { usersFile }: ReloadReport, file: string): Failure => ({
  code: "other-users-file",
  message: `The host (pid ${pid}) reads ${usersFile}, and not ${file}.`,
  fix: `name its file with --users-file, or start it with --users-file ${file}`,
});

type Signalled =
  | { readonly state: "reported"; readonly report: ReloadReport }
  | { readonly state: "gone" }
  | { readonly state: "silent"; readonly waitedMs: number };

/**
 * Maximum time to wait for the report, ms. A starting host needs more time
 * than the reload itself.
 */
const timeoutMs = 30_000;
const pollEveryMs = 50;

/**
 * Makes a host read its users again by SIGHUP, and waits for its report. The host writes the report to a file, where
 * other senders of the signal (`kill -HUP`, a service manager) find it too. A reload that began before the signal
 * may have read an older file, so its report is ignored.
 */
export const signalHost = async (dataDir: string, pid: number): Promise<Signalled> => {
  const askedAt = sinceBootMs();
  if (!signal(pid, "SIGHUP")) return { state: "gone" };
  const file = reportFileIn(dataDir);
  for (;;) {
    const report = await readReport(file);
    if (report !== null && report.pid === pid && report.sinceBootMs >= askedAt)
      return { state: "reported", report };
    if (!signal(pid, 0)) return { state: "gone" };
    const waitedMs = sinceBootMs() - askedAt;
    if (waitedMs > timeoutMs) return { state: "silent", waitedMs };
    await pause(pollEveryMs);
  }
};

/** Returns false if there is no such process. */
const signal = (pid: number, name: "SIGHUP" | 0): boolean => {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    throw error;
  }
};

/** The command, as arguments, that restarts the service with this label. It needs root. */
export const restartCommand = (platform: "linux" | "darwin", label: string): readonly string[] =>
  platform === "darwin"
    ? ["launchctl", "kickstart", "-k", `system/${label}`]
    : ["systemctl", "restart", label];
