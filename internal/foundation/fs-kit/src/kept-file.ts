import { lstatSync } from "node:fs";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { acquireFileLock } from "./file-lock.ts";
import { openOwnFile } from "./own-file.ts";
import { replaceFile } from "./replace-file.ts";
import { explainUnsafe } from "./unsafe-place.ts";

/** Rights of other accounts that are refused: the bits of a file's mode, and the message. */
const refusals = {
  write: { bits: 0o022, why: "other accounts may write it: chmod go-w" },
  read: { bits: 0o077, why: "other accounts may read it: chmod 600" },
} as const;

/**
 * Reads a file that only programs of this account write; null if it is missing. Refuses a file that other accounts may
 * write, or with `refused: "read"` even read. The error is a clause with the reason.
 */
export const readKeptFile = async (
  file: string,
  refused: keyof typeof refusals = "write",
): Promise<Result<string | null, string>> => {
  const opened = await openOwnFile(file, "read");
  if (!opened.ok) {
    if (opened.error.code === "unsafe") return fail(explainUnsafe(opened.error.place));
    return opened.error.errno === "ENOENT" ? ok(null) : fail(opened.error.errno);
  }
  try {
    const { mode } = await opened.value.stat();
    const { bits, why } = refusals[refused];
    if ((mode & bits) !== 0) return fail(why);
    return ok(await opened.value.readFile("utf8"));
  } catch (error) {
    return fail(systemCode(error));
  } finally {
    await opened.value.close();
  }
};

/**
 * Two changes within a tick of the file system's clock may leave a file with the same facts, so a younger file is read each
 * time. ms
 */
const youngMs = 1_000;

/**
 * `read` of such a file, but of an unchanged file only once: each check and read takes several turns of the thread pool.
 * Another text, owner or mode changes the file's facts, and only then the folders above are checked again. A failure is
 * tried each time.
 */
export const readIfChanged = <Value, Problem>(
  file: string,
  read: () => Promise<Result<Value, Problem>>,
  now: () => number = Date.now,
): (() => Promise<Result<Value, Problem>>) => {
  let kept: { readonly facts: string; readonly value: Value } | null = null;
  return async () => {
    const facts = factsOf(file, now() - youngMs);
    if (facts !== null && facts === kept?.facts) return ok(kept.value);
    const result = await read();
    kept = facts !== null && result.ok ? { facts, value: result.value } : null;
    return result;
  };
};

/** What changes with a file, or that there is none; null if it changed after this time, or nothing is known of it. */
const factsOf = (file: string, latest: number): string | null => {
  try {
    const found = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return "none";
    const { dev, ino, mode, size, ctimeNs, ctimeMs } = found;
    return ctimeMs > latest ? null : [dev, ino, mode, size, ctimeNs].join(" ");
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** Maximum time to wait for another command that changes the file, ms. */
const lockMs = 10_000;

/**
 * Replaces such a file under its lock. `change` reads it, and returns a value with the new text; with null the file stays
 * unchanged. `unwritable` makes the error for a lock that stays taken, or a file that cannot be written.
 */
export const changeKeptFile = async <Value, Problem>(
  file: string,
  change: () => Promise<Result<{ readonly value: Value; readonly text: string | null }, Problem>>,
  unwritable: (detail: string) => Problem,
): Promise<Result<Value, Problem>> => {
  const lock = await acquireFileLock({ path: `${file}.lock`, timeoutMs: lockMs });
  if (!lock.ok) return fail(unwritable(lock.error.code));
  try {
    const changed = await change();
    if (!changed.ok) return changed;
    const { value, text } = changed.value;
    const problem = text === null ? null : await replaceFile(file, text).then(() => null, systemCode);
    return problem === null ? ok(value) : fail(unwritable(problem));
  } finally {
    await lock.value.release();
  }
};
