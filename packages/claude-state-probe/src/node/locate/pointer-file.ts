import { lstatSync, type Stats, statSync } from "node:fs";
import { isNothingAt, maxOwnBytes, readWholeFile } from "../read-file.ts";
import type { KeyDoubt } from "../../workspace-paths.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { isPlainWay } from "../paths.ts";

/** The system's codes for an entry that does not exist, or that no program can open by this name. */
const absent: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

const unreadable = (place: string, detail: string): Result<never, KeyDoubt> => ({
  ok: false,
  error: { code: "pointer-unreadable", place, detail },
});

const look = (path: string, at: (path: string) => Stats): Result<Stats, string> => {
  try {
    return { ok: true, value: at(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

type Read = Promise<Result<string | null, KeyDoubt>>;

const readText = async (file: string, at: (path: string) => Stats, maxBytes: number): Read => {
  const entry = look(file, at);
  if (!entry.ok) return absent.has(entry.error) ? { ok: true, value: null } : unreadable(file, entry.error);
  if (!entry.value.isFile())
    return unreadable(file, entry.value.isSymbolicLink() ? "it is a link" : "it is not a file");
  try {
    const bytes = await readWholeFile(file, maxBytes);
    return bytes === null
      ? unreadable(file, "it is not a file")
      : { ok: true, value: bytes.toString("utf8").trim() };
  } catch (error) {
    return unreadable(file, systemCode(error));
  }
};

/** Size limit of a pointer file. Claude Code 2.1.332 does not follow a longer `commondir` or `gitdir`. */
const maxPointerBytes = 65_536;

/**
 * Reads a pointer file without surrounding white space; null if there is none. An entry that is not a
 * readable file of at most 64 KiB is a doubt: Claude Code 2.1.328 reads 16 MiB of line breaks after a path, and
 * 2.1.332 then takes the worktree itself for the key. A link is a doubt too, because Claude Code follows it in some
 * of these files only.
 */
export const readPointer = (file: string): Read => readText(file, lstatSync, maxPointerBytes);

/** Reads a git configuration. It may be a link, as `git-new-workdir` makes it. */
export const readConfig = (file: string): Read => readText(file, statSync, maxOwnBytes);

/**
 * The kind of entry at a `.git`, with links followed; null if there is none. Claude Code only requires a
 * folder or a file. It searches further up if the entry is a pipe or a broken link (2.1.328); these are a
 * doubt here.
 */
export const gitEntryAt = (path: string): Result<"folder" | "file" | null, KeyDoubt> => {
  if (isNothingAt(path)) return { ok: true, value: null };
  const entry = look(path, statSync);
  if (entry.ok && !isPlainWay(path)) return unreadable(path, "it is a link that programs follow differently");
  if (entry.ok && entry.value.isDirectory()) return { ok: true, value: "folder" };
  if (entry.ok && entry.value.isFile()) return { ok: true, value: "file" };
  if (entry.ok) return unreadable(path, "it is not a file");
  const itself = look(path, lstatSync);
  return itself.ok || !absent.has(itself.error) ? unreadable(path, entry.error) : { ok: true, value: null };
};
