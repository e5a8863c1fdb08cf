import { printFailure, type Failure, type Io } from "@gatehouse/cli-kit";
import { closedFolder, dataFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { logFileIn } from "./host-log.ts";
import { readLog } from "./read-log.ts";
import { shownLine } from "./shown-line.ts";

/** The parsed flags of `gatehouse logs`. */
export type LogsFlags = {
  readonly data?: string;
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
  /** Prints the output of this session's containers instead of the host's log. The beginning of its id is enough. */
  readonly session?: string;
};

/** A session, and the file with the output of its containers. */
type SessionLog = { readonly session: string; readonly file: string };

/** Finds the outputs of the session with this id, or of the sessions whose ids begin with the text. */
export type FindSessionLogs = (
  of: { readonly dataDir: string },
  text: string,
) => Promise<readonly SessionLog[]>;

/**
 * Prints the last lines of the host's log, or of a session's containers, and with `follow` all new lines. Returns the
 * exit code.
 */
export const logsCommand = async (
  flags: LogsFlags,
  io: Io,
  findSessionLogs: FindSessionLogs,
): Promise<number> => {
  const { data, lines: most, follow = false, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const closed = closedFolder(dataDir, {
    code: "no-data-folder",
    message: `There is no data folder ${dataDir}.`,
    fix: "name it with --data, or start a host there with gatehouse up",
  });
  if (closed !== null) {
    printFailure(io, isJson, closed);
    return 1;
  }
  const place =
    flags.session === undefined
      ? ok({ session: undefined, file: logFileIn(dataDir) })
      : await logOf(dataDir, flags.session, findSessionLogs);
  if (!place.ok) {
    printFailure(io, isJson, place.error);
    return 1;
  }
  const { session, file } = place.value;
  // A log is the exception to the rule of one document: it prints one line for each event.
  const print = (line: string): void => void io.stdout.write(`${lineOf(line, session, isJson)}\n`);
  const owner = session === undefined ? "host" : "agents";
  const log = await readLog(file, most, owner).catch(systemCode);
  if (typeof log === "string") {
    printFailure(io, isJson, {
      code: "log-unreadable",
      message:
        owner === "agents" && log === "not-a-file"
          ? `The log ${file} is a link, a pipe or another entry that is no file of the host. Nothing of it was read.`
          : `The log ${file} cannot be read (${log}).`,
      ...(owner === "host" ? {} : { fix: "look at it: an agent can write in the folder of its session" }),
    });
    return 1;
  }
  log.lines.forEach(print);
  if (follow) await log.follow(print, io.signal);
  await log.close();
  return follow ? 130 : 0;
};

/** Formats a line. The output of a container is text of the agent, and is not parsed as events of the host. */
const lineOf = (line: string, session: string | undefined, isJson: boolean): string => {
  if (session === undefined) return isJson ? line : shownLine(line);
  return isJson ? JSON.stringify({ session, line }) : visible(line);
};

const logOf = async (
  dataDir: string,
  text: string,
  find: FindSessionLogs,
): Promise<Result<SessionLog, Failure>> => {
  try {
    const [found, ...others] = await find({ dataDir }, text);
    if (found === undefined)
      return fail({
        code: "no-session-log",
        message: `No container of a session ${JSON.stringify(text)} has left output on this host yet.`,
        fix: "ncl sessions list shows the sessions",
      });
    if (others.length === 0) return ok(found);
    const ids = [found, ...others].map(({ session }) => session).join(", ");
    return fail({
      code: "ambiguous-session",
      message: `Several sessions begin with ${text}: ${ids}.`,
      fix: "write more of the id",
    });
  } catch (error) {
    const message = `The folder of sessions cannot be read (${systemCode(error)}).`;
    return fail({ code: "log-unreadable", message });
  }
};
