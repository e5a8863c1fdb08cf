import { renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { systemCode } from "@gatehouse/std";

/** Plain values of one event; no secret and no text of a message is among them. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** What happens in a host, as lines of JSON. */
export type HostLog = {
  /** Writes one event, a word, before it returns: what a killed host did stands in the file. */
  readonly event: (event: string, fields?: LogFields) => void;
  /** Writes an error with its stack. */
  readonly error: (error: unknown) => void;
  readonly close: () => void;
};

export type HostLogOptions = {
  /** Size from which a new file is begun, bytes. */
  readonly maxBytes?: number;
  /** Files that are kept beside the newest: `host.log.1` is the one before it. */
  readonly kept?: number;
};

/** The newest file of a data folder's log. */
export const logFileIn = (dataDir: string): string => join(dataDir, "host.log");

/** Opens the log of a data folder's host (0600) and goes on where it ended. */
export const openHostLog = (
  dataDir: string,
  { maxBytes = 5_000_000, kept = 3 }: HostLogOptions = {},
): HostLog => {
  const file = logFileIn(dataDir);
  const destination = pino.destination({ dest: file, sync: true, append: true, mode: 0o600 });
  const logger = pino(
    {
      base: { pid: process.pid },
      messageKey: "event",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  let bytes = sizeOf(file);
  destination.on("write", (written: number) => {
    bytes += written;
    if (bytes < maxBytes) return;
    bytes = 0;
    makeRoom(file, kept);
    destination.reopen();
  });
  return {
    event: (event, fields = {}) => logger.info(fields, event),
    error: (error) =>
      logger.error(error instanceof Error ? { err: error } : { detail: String(error) }, "error"),
    close: () => destination.end(),
  };
};

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size;
  } catch (error) {
    systemCode(error);
    return 0;
  }
};

/** `host.log` becomes `host.log.1`, and so on; the oldest goes. */
const makeRoom = (file: string, kept: number): void => {
  rmSync(`${file}.${kept}`, { force: true });
  for (let number = kept; number > 0; number -= 1) {
    const older = number === 1 ? file : `${file}.${number - 1}`;
    try {
      renameSync(older, `${file}.${number}`);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
};
