import type { Environment, Result } from "@gatehouse/std";
import { join } from "node:path";
import type { ReadError } from "../problem-messages.ts";
import { readWholeFile, type FileRead } from "./read-file.ts";

export type { Environment };

/** Identifies a Codex by the environment and the home folder that it would see. */
export type CodexPlace = { readonly env: Environment; readonly home: string };

/**
 * The path of Codex's config.toml: in `$CODEX_HOME` if that is set and not empty, else in `~/.codex`
 * (0.169.0).
 */
export const configFile = ({ env, home }: CodexPlace): string =>
  join(env["CODEX_HOME"] || join(home, ".codex"), "config.toml");

/** Reads a config.toml; `null` if there is none. It does not write. */
export const readConfigFile = async (file: string): Promise<Result<FileRead | null, ReadError>> => {
  const read = await readWholeFile(file);
  if (read.ok) return read;
  if (read.error === "ENOENT" || read.error === "ENOTDIR") return { ok: true, value: null };
  return { ok: false, error: { code: "config-unreadable", file, detail: read.error } };
};
