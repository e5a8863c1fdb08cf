import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { ReadError } from "../explain.ts";
import type { Result } from "../result.ts";
import { systemCode } from "./system-code.ts";

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Which Codex is meant: the environment and the home folder it would see. */
export type CodexPlace = { readonly env: Environment; readonly home: string };

/** Codex's config.toml: in `$CODEX_HOME` if that is set and not empty, else in `~/.codex` (0.169.0). */
export const configFile = ({ env, home }: CodexPlace): string =>
  join(env["CODEX_HOME"] || join(home, ".codex"), "config.toml");

/** A file's bytes, and what the system said of the very file they come from. */
type FileRead = { readonly bytes: Buffer; readonly stat: Stats };

/** Opened without blocking: a named pipe in the file's place would otherwise hold the reader for ever. */
const openToRead = async (file: string): Promise<Result<FileHandle, string>> => {
  try {
    return { ok: true, value: await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

const readOpened = async (handle: FileHandle): Promise<Result<FileRead, string>> => {
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { ok: false, error: stat.isDirectory() ? "EISDIR" : "not a file" };
    return { ok: true, value: { stat, bytes: await handle.readFile() } };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  } finally {
    await handle.close();
  }
};

/** A whole file, `null` where there is none. Reads only. */
export const readConfigFile = async (file: string): Promise<Result<FileRead | null, ReadError>> => {
  const handle = await openToRead(file);
  const read = handle.ok ? await readOpened(handle.value) : handle;
  if (read.ok) return read;
  if (read.error === "ENOENT" || read.error === "ENOTDIR") return { ok: true, value: null };
  return { ok: false, error: { code: "config-unreadable", file, detail: read.error } };
};
