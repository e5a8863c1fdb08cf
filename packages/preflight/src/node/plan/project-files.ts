import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { extname, join, dirname } from "node:path";
import { parse } from "toml";
import { withoutComments, type ProjectFile } from "../../grants.ts";
import { systemCode } from "@gatehouse/std";
import type { WorkspacePaths } from "@trust/claude-state-probe";

/** Larger configuration files are not read: no person writes files of that size. In bytes. */
const maxBytes = 1_048_576;

/**
 * Reads the files of these names in these folders: TOML, or JSON with comments. Synchronous: most of them do not exist,
 * and the thread pool would take longer to find that out.
 */
export const readProjectFiles = (
  folders: readonly string[],
  names: readonly string[],
): readonly ProjectFile[] =>
  folders
    .flatMap((folder) => names.map((name) => readConfiguration(join(folder, name))))
    .filter((file) => file !== null);

/** Reads one file; null if it does not exist. */
export const readConfiguration = (file: string): ProjectFile | null => {
  const text = textOf(file);
  if (text === null) return null;
  return { file, content: "text" in text ? parsed(text.text, extname(file) === ".toml") : text };
};

/** Opens without blocking: a named pipe at this path would block the reader forever. */
const textOf = (file: string): { readonly text: string } | { readonly unreadable: string } | null => {
  try {
    // Most files are missing. For Node, making the error of a failed open takes longer than this check.
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return null;
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile() || stat.size > maxBytes)
        return { unreadable: stat.isFile() ? "too large" : "not a file" };
      return { text: readFileSync(handle, "utf8") };
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? null : { unreadable: code };
  }
};

const parsed = (text: string, isToml: boolean): ProjectFile["content"] => {
  try {
    return {
      parsed: isToml ? parse(text, { bigint: true }) : (JSON.parse(withoutComments(text)) as unknown),
    };
  } catch (error) {
    if (isToml ? isTomlError(error) : error instanceof SyntaxError)
      return { unreadable: isToml ? "no TOML" : "no JSON" };
    throw error;
  }
};

/**
 * The parser's errors have no class of their own, only a position: as `location`, or as `line` (toml 5.0.1).
 */
const isTomlError = (error: unknown): boolean =>
  error instanceof Error && ("location" in error || "line" in error);

/**
 * The Codex files of a folder and its parents, up to the root of its repository. `.codex` in the home folder
 * is the user's configuration, not a project's.
 */
export const codexFiles = ({ real, gitRoot, home }: WorkspacePaths): readonly ProjectFile[] => {
  const root = gitRoot ?? real;
  const inside = upwards(real).filter((folder) => folder.length >= root.length && folder !== home);
  return readProjectFiles(inside, [".codex/config.toml", ".codex/hooks.json"]);
};

/** An absolute folder and every folder above it, nearest first. */
export const upwards = (folder: string): readonly string[] => {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
};
