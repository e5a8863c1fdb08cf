import { Buffer } from "node:buffer";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";
import { namesAnother } from "../super-journal.ts";
import { openPlain, refuse, type PlainFile } from "./plain-file.ts";

/**
 * Copies a file and its journal whose writer was killed during a transaction. Only a writer can roll that
 * transaction back, and nothing is written to a foreign folder. `scratch` is created, and is private.
 */
export const copyToRecover = (
  file: string,
  plain: PlainFile,
  maxBytes: number,
  scratch: string,
): Result<string, ForeignReadError> => {
  const journal = openPlain(`${file}-journal`, 2 * maxBytes);
  // The journal was hot a moment ago: another program is recovering the file.
  if (!journal.ok) return journal.error.code === "missing" ? changed : journal;
  try {
    mkdirSync(scratch, { mode: 0o700 });
    const copy = join(scratch, "copy.db");
    if (!copyTo(copy, plain) || !copyTo(`${copy}-journal`, journal.value)) return changed;
    // The copy is checked, since no other account can change it.
    if (namesAnother(`${copy}-journal`)) return refuse("damaged", "its journal names another journal");
    return ok(copy);
  } finally {
    closeSync(journal.value.fd);
  }
};

const changed = refuse("busy", "it changed while it was copied");

/** Copies the bytes that the file had when it was opened. False if it has changed since. */
const copyTo = (target: string, { fd, stats }: PlainFile): boolean => {
  const to = openSync(target, "wx", 0o600);
  try {
    const piece = Buffer.allocUnsafe(64 * 1024);
    for (let done = 0; done < stats.size;) {
      const length = readSync(fd, piece, 0, Math.min(piece.length, Number(stats.size) - done), done);
      if (length === 0) return false;
      writeSync(to, piece, 0, length);
      done += length;
    }
  } finally {
    closeSync(to);
  }
  const now = fstatSync(fd, { bigint: true });
  return now.size === stats.size && now.mtimeNs === stats.mtimeNs;
};
