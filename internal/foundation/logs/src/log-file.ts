import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

export type LogFileOptions = {
  /** Size at which a new file is begun, bytes. */
  readonly maxBytes: number;
  /** Number of older files that are kept. */
  readonly kept: number;
  /** The line that replaces lines that could not be written. */
  readonly lost: (count: number) => string;
  /** Called once when lines begin to be lost. */
  readonly trouble: (code: string) => void;
};

/** A file of lines. */
export type LogFile = {
  /**
   * Writes a line synchronously. On a full disk the line is lost, and the next line that fits names the
   * number of lost lines. After `close` it writes nothing.
   */
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
  // The system gives the number of a closed file to the next file or socket, which may be a database's.
  let isOpen = true;
  const append = (text: string): void => {
    let left = Buffer.from(text);
    while (left.length > 0) {
      const written = writeSync(fd, left);
      bytes += written;
      left = left.subarray(written);
      isTorn = left.length > 0;
    }
  };
  const beginNewFile = (): void => {
    bytes = 0;
    rotate(file, kept);
    const next = openToAppend(file);
    closeSync(fd);
    fd = next;
  };
  return {
    write: (line) => {
      if (!isOpen) return;
      try {
        // A full disk may have stored a part of the last line.
        append((isTorn ? "\n" : "") + (missed === 0 ? "" : lost(missed)) + line);
        missed = 0;
        if (bytes >= maxBytes) beginNewFile();
      } catch (error) {
        missed += 1;
        if (missed === 1) trouble(systemCode(error));
      }
    },
    close: () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
};

/**
 * Opens without waiting for a pipe. The check that the host's log is a regular file is made when the data
 * folder is claimed.
 */
const openToAppend = (file: string): number =>
  openSync(file, O_WRONLY | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0), 0o600);

/** Renames `host.log` to `host.log.1`, and so on; removes the oldest file. */
const rotate = (file: string, kept: number): void => {
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
