import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { endHost } from "./end-host.ts";

export type DownFlags = { readonly data?: string; readonly json?: boolean };

/**
 * Ends the host of a data folder, also one that still starts, and waits for its end. Succeeds immediately if no host runs.
 * Returns the exit code.
 */
export const downCommand = async (flags: DownFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const ended = await endHost(dataDir, "stop", io.signal);
  if (!ended.ok && ended.error.code === "cancelled") return 130;
  if (!ended.ok) {
    printFailure(io, isJson, ended.error);
    return 1;
  }
  const pid = ended.value;
  if (pid === null) {
    if (isJson) printJson(io, { ok: true, state: "not-running", data: dataDir });
    else io.stdout.write(`No host runs in ${dataDir}.\n`);
    return 0;
  }
  if (isJson) printJson(io, { ok: true, state: "ended", data: dataDir, pid });
  else io.stdout.write(`${paintFor(io).good("ended")} the host of ${dataDir} (pid ${pid})\n`);
  return 0;
};
