import { thisMachine } from "@nc/user-wizard/node";
import type { Failure, Io } from "@trust/preflight/node";
import type { Result } from "../result.ts";
import { agree } from "./ask-answers.ts";
import { findHost } from "./find-host.ts";
import type { ReloadReport } from "./reload-report.ts";
import { restartCommand } from "./restart-command.ts";
import { signalHost } from "./signal-host.ts";

export type ReloadRequest = {
  /** The data folder. */
  readonly data: string;
  /** `ask`, `yes` or `no`. */
  readonly reload?: string;
  /** Questions of ours are answered with yes. */
  readonly yes?: boolean;
  readonly serviceLabel?: string;
  readonly isTerminal: boolean;
};

/** What came of telling the host. `command` does the same by starting it anew. */
export type Reloaded =
  | { readonly state: "reloaded"; readonly pid: number; readonly report: ReloadReport }
  | { readonly state: "no-host" | "not-told"; readonly command: readonly string[] };

/** Tells the host of a data folder to read its users again, if that is wanted and there is one. */
export const reloadHost = async (request: ReloadRequest, io: Io): Promise<Result<Reloaded, Failure>> => {
  const { data, serviceLabel = "gatehouse" } = request;
  const command = restartCommand(thisMachine.platform, serviceLabel);
  const pid = await findHost(thisMachine, data);
  if (pid === null) return { ok: true, value: { state: "no-host", command } };
  if (!(await isWanted(request, pid, io))) return { ok: true, value: { state: "not-told", command } };
  const signalled = await signalHost(data, pid);
  if (signalled.state === "reported") return reported(pid, signalled.report);
  const message =
    signalled.state === "gone"
      ? `The host (pid ${pid}) ended when it was told to read its users.`
      : `The host (pid ${pid}) was told, and has not reported for ${Math.round(signalled.waitedMs / 1000)} s.`;
  return { ok: false, error: { code: "reload-unknown", message, fix: `sudo ${command.join(" ")}` } };
};

const isWanted = async (request: ReloadRequest, pid: number, io: Io): Promise<boolean> => {
  const { isTerminal, yes, reload = isTerminal ? "ask" : "no" } = request;
  if (reload !== "ask") return reload === "yes";
  if (!isTerminal) return false;
  if (yes === true) return true;
  return (await agree(`Tell the running host (pid ${pid}) to read its users again?`, io.signal)) === "yes";
};

const reported = (pid: number, report: ReloadReport): Result<Reloaded, Failure> => {
  if (report.ok) return { ok: true, value: { state: "reloaded", pid, report } };
  const { message, fix } = report.error ?? { message: "", fix: undefined };
  return {
    ok: false,
    error: {
      code: "reload-refused",
      message: `The host (pid ${pid}) keeps the users it had: ${message}`,
      ...(fix === undefined ? {} : { fix }),
    },
  };
};
