import { existsSync } from "node:fs";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import { logFileIn } from "./host-log.ts";
import { readLog } from "./read-log.ts";
import { shownLine } from "./shown-line.ts";

/** `gatehouse logs`, parsed. */
export type LogsFlags = {
  readonly data?: string;
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
};

/** Prints the last lines of the host's log, and with `follow` those that come. Returns the exit code. */
export const logsCommand = async (flags: LogsFlags, io: Io): Promise<number> => {
  const { data, lines: most, follow = false, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  if (!existsSync(dataDir)) {
    printFailure(io, isJson, {
      code: "no-data-folder",
      message: `There is no data folder ${dataDir}.`,
      fix: "name it with --data, or start a host there with gatehouse up",
    });
    return 1;
  }
  // The exception to one document: a log is a line for each event.
  const print = (line: string): void => void io.stdout.write(`${isJson ? line : shownLine(line)}\n`);
  const file = logFileIn(dataDir);
  const log = await readLog(file, most).catch(systemCode);
  if (typeof log === "string") {
    printFailure(io, isJson, { code: "log-unreadable", message: `The log ${file} cannot be read (${log}).` });
    return 1;
  }
  log.lines.forEach(print);
  if (follow) await log.follow(print, io.signal);
  await log.close();
  return follow ? 130 : 0;
};
