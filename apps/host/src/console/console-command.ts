import { join } from "node:path";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { exchange } from "@nc/cli-scope/node";

export type ConsoleFlags = { readonly data?: string; readonly as?: string; readonly json?: boolean };

/** Maximum time for the host's answer, s. */
const timeoutSeconds = 30;

/** Prints a link that signs one browser in to the console of the running host. Returns the exit code. */
export const consoleCommand = async ({ as, data, json = false }: ConsoleFlags, io: Io): Promise<number> => {
  const dataDir = dataFolder(io.env, data);
  const request = { id: "1", command: "console-invite", args: as === undefined ? {} : { user: as } };
  const answer = await exchange({ path: join(dataDir, "ncl.sock"), request, seconds: timeoutSeconds });
  if (!answer.ok) {
    const message = `No host answers in ${dataDir}.`;
    printFailure(io, json, { code: "no-host", message, fix: "gatehouse up --console" });
    return 1;
  }
  const frame = answer.value;
  if (!frame.ok) {
    printFailure(io, json, refusalOf(frame.error));
    return 1;
  }
  if (json) printJson(io, { ok: true, ...(frame.data as object) });
  else io.stdout.write(`${frame.human ?? ""}\n`);
  return 0;
};

/** A host without a console does not know the command. */
const refusalOf = ({ code, message }: { readonly code: string; readonly message: string }): Failure =>
  code === "unknown-command"
    ? { code: "no-console", message: "This host serves no console.", fix: "gatehouse up --console" }
    : { code, message };
