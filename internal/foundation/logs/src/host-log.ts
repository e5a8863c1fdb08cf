import { join } from "node:path";
import pino from "pino";
import { openLogFile } from "./log-file.ts";

/** Plain values of one event, without secrets and texts of messages. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** The log of a host's events, as lines of JSON. */
export type HostLog = {
  /** Writes an event, named by a word, synchronously: the file has it even if the host is killed next. */
  readonly event: (event: string, fields?: LogFields) => void;
  /** Writes an error with its stack. */
  readonly error: (error: unknown) => void;
  readonly close: () => void;
};

export type HostLogOptions = {
  /** Size at which a new file is begun, bytes. */
  readonly maxBytes?: number;
  /** Number of older files that are kept: `host.log.1` is the last one before the current file. */
  readonly kept?: number;
  /** Called with the system's code once when lines begin to be lost: the host continues on a full disk. */
  readonly trouble?: (code: string) => void;
};

/** The newest file of a data folder's log. */
export const logFileIn = (dataDir: string): string => join(dataDir, "host.log");

/** Opens the log of a data folder's host (0600) and continues at its end. */
export const openHostLog = (
  dataDir: string,
  { maxBytes = 5_000_000, kept = 3, trouble = () => {} }: HostLogOptions = {},
): HostLog => {
  const file = logFileIn(dataDir);
  const log = openLogFile(file, { maxBytes, kept, trouble, lost: lostLine });
  const logger = pino(
    {
      base: { pid: process.pid },
      messageKey: "event",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    log,
  );
  return {
    event: (event, fields = {}) => logger.info(fields, event),
    error: (error) =>
      logger.error(error instanceof Error ? { err: error } : { detail: String(error) }, "error"),
    close: log.close,
  };
};

/** The line that replaces lines lost on a full disk. */
const lostLine = (lines: number): string =>
  `${JSON.stringify({ level: "warn", time: new Date().toISOString(), pid: process.pid, lines, event: "log-lines-lost" })}\n`;
