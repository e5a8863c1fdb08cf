import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

export type LogFileOptions = {
  /** Size from which a new file is begun, bytes. */
  readonly maxBytes: number;
  /** Files that are kept beside the newest. */
  readonly kept: number;
  /** A line for those that could not be written. */
  readonly lost: (count: number) => string;
  /** Called once when lines begin to be lost. */
  readonly trouble: (code: string) => void;
};

/** A file of lines. */
export type LogFile = {
  /** Writes a line before it returns. On a full disk the line is lost, and the next one that fits says how many were. */
  readonly write: (line: string) => void;
  readonly close: () => void;
};

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;

/** Opens a file (0600) to append to it. Throws system errors. */
export const openLogFile = (file: string, options: LogFileOptions): LogFile => {
  const { maxBytes, kept, lost, trouble } = options;
  let fd = openToAppend(file);
  let bytes = fstatSync(fd).size;
  let missed = 0;
  let isTorn = false;
  const append = (text: string): void => {
    let left = Buffer.from(text);
    while (left.length > 0) {
      const written = writeSync(fd, left);
      bytes += written;
      left = left.subarray(written);
      isTorn = left.length > 0;
    }
  };
  const beginAnew = (): void => {
    bytes = 0;
    makeRoom(file, kept);
    const next = openToAppend(file);
    closeSync(fd);
    fd = next;
  };
  return {
    write: (line) => {
      try {
        // A full disk may have taken a part of the last line.
        append((isTorn ? "\n" : "") + (missed === 0 ? "" : lost(missed)) + line);
        missed = 0;
        if (bytes >= maxBytes) beginAnew();
      } catch (error) {
        missed += 1;
        if (missed === 1) trouble(systemCode(error));
      }
    },
    close: () => closeSync(fd),
  };
};

/** The host's log is checked to be a regular file when the data folder is claimed; a pipe is not waited for. */
const openToAppend = (file: string): number =>
  openSync(file, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o600);

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
