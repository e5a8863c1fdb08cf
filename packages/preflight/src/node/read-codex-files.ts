import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { parse, TomlError } from "smol-toml";
import type { CodexProjectFile } from "../codex-grants.ts";
import { systemCode } from "./system-code.ts";

/** A project configuration of more bytes is not read: nobody wrote it by hand. */
const mostBytes = 1_048_576;

const names = [
  { kind: "config", name: "config.toml" },
  { kind: "hooks", name: "hooks.json" },
] as const;

/**
 * The Codex files of a folder and of those above it, up to the root of its repository. Home's own `.codex` is the user's
 * configuration and no project's. Synchronous: mostly there is none, and to be told so takes longer through the thread pool.
 */
export const readCodexFiles = ({ real, gitRoot, home }: WorkspacePaths): readonly CodexProjectFile[] =>
  upTo(real, gitRoot ?? real)
    .filter((folder) => folder !== home)
    .flatMap((folder) => names.map(({ kind, name }) => readProjectFile(join(folder, ".codex", name), kind)))
    .filter((file) => file !== null);

const upTo = (folder: string, last: string): readonly string[] =>
  folder === last || dirname(folder) === folder ? [folder] : [folder, ...upTo(dirname(folder), last)];

const readProjectFile = (file: string, kind: CodexProjectFile["kind"]): CodexProjectFile | null => {
  const text = textOf(file);
  if (text === null) return null;
  return { file, kind, content: "text" in text ? parsed(text.text, kind) : text };
};

/** Opened without blocking: a named pipe in the file's place would hold the reader for ever. */
const textOf = (file: string): { readonly text: string } | { readonly unreadable: string } | null => {
  try {
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile() || stat.size > mostBytes)
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

const parsed = (text: string, kind: CodexProjectFile["kind"]): CodexProjectFile["content"] => {
  try {
    return { parsed: kind === "config" ? parse(text) : (JSON.parse(text) as unknown) };
  } catch (error) {
    if (error instanceof TomlError || error instanceof SyntaxError)
      return { unreadable: kind === "config" ? "no TOML" : "no JSON" };
    throw error;
  }
};
