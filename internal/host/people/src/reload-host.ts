import { realpath } from "node:fs/promises";
import { thisMachine } from "@nc/user-wizard/node";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { askHost, type HostProblem, runningHost } from "@gatehouse/data-folder";
import { reportIn, type ReloadReport } from "./reload-report.ts";

export type ReloadRequest = {
  /** The data folder. */
  readonly data: string;
  /** The users.yaml that the host must reload. */
  readonly file: string;
  /** The launchd label or systemd unit of the host. */
  readonly serviceLabel: string;
  /** Resolves with true if the host with this process id is to read its users again. */
  readonly isWanted: (pid: number) => Promise<boolean>;
};

/** The result. If the host did not reload, `command` restarts it, which has the same effect. */
export type Reloaded =
  | { readonly state: "reloaded"; readonly pid: number; readonly report: ReloadReport }
  | { readonly state: "no-host" | "not-told"; readonly command: readonly string[] };

/** The time limit for a reload, s. */
const reloadSeconds = 30;

/**
 * Makes the host of a data folder read its users again, if one runs and `isWanted` agrees. Errors: `reload-unknown`,
 * `other-users-file`, or `reload-refused` if the host kept its users.
 */
export const reloadHost = async (request: ReloadRequest): Promise<Result<Reloaded, Failure>> => {
  const { data, serviceLabel, isWanted } = request;
  const command = restartCommand(thisMachine.platform, serviceLabel);
  const pid = (await runningHost(data))?.pid ?? null;
  if (pid === null) return ok({ state: "no-host", command });
  if (!(await isWanted(pid))) return ok({ state: "not-told", command });
  const answer = await askHost(data, { command: "reload", seconds: reloadSeconds });
  const report = answer.ok ? reportIn(answer.value) : null;
  if (report !== null) return reported(pid, report, request.file);
  const code = answer.ok ? "host-failed" : answer.error.code;
  const message = `The host (pid ${pid}) ${unknownWords[code]}.`;
  return fail({ code: "reload-unknown", message, fix: `sudo ${command.join(" ")}` });
};

const unknownWords: Readonly<Record<HostProblem["code"], string>> = {
  "no-host": "ended while it read its users",
  "host-silent": `was told, but has not answered for ${reloadSeconds} s`,
  "host-failed": "was told, and failed",
  "not-permitted": "takes no word of this account",
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

/** The command, as arguments, that restarts the service with this label. It needs root. */
export const restartCommand = (platform: "linux" | "darwin", label: string): readonly string[] =>
  platform === "darwin"
    ? ["launchctl", "kickstart", "-k", `system/${label}`]
    : ["systemctl", "restart", label];
