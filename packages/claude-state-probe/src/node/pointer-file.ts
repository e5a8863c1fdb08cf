import { lstatSync, statSync, type Stats } from "node:fs";
import type { KeyDoubt } from "../key-doubt.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { isPlainWay } from "./plain-way.ts";
import { mostOwnBytes, readWholeFile } from "./read-file.ts";

/** What the system says of an entry that is not there, or that no program can open by this name. */
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

const readText = async (file: string, at: (path: string) => Stats): Read => {
  const entry = look(file, at);
  if (!entry.ok) return absent.has(entry.error) ? { ok: true, value: null } : unreadable(file, entry.error);
  if (!entry.value.isFile())
    return unreadable(file, entry.value.isSymbolicLink() ? "it is a link" : "it is not a file");
  try {
    const bytes = await readWholeFile(file, mostOwnBytes);
    return bytes === null
      ? unreadable(file, "it is not a file")
      : { ok: true, value: bytes.toString("utf8").trim() };
  } catch (error) {
    return unreadable(file, systemCode(error));
  }
};

/**
 * The text of a pointer file, white space around it taken away, null where there is none. Whatever is there and is no
 * readable file of at most a mebibyte is a doubt: Claude Code 2.1.328 reads 16 MiB of line breaks behind a path. So is a
 * link, which it follows in some of the files and not in others.
 */
export const readPointer = (file: string): Read => readText(file, lstatSync);

/** The text of a git configuration; `git-new-workdir` links it. */
export const readConfig = (file: string): Read => readText(file, statSync);

/**
 * What stands at a `.git`, links followed; null where nothing does. Claude Code asks no more of it than to be a folder or
 * a file, and looks further up where it is a pipe or a link that leads nowhere (2.1.328); those are a doubt here.
 */
export const gitEntryAt = (path: string): Result<"folder" | "file" | null, KeyDoubt> => {
  const entry = look(path, statSync);
  if (entry.ok && !isPlainWay(path)) return unreadable(path, "it is a link that programs follow differently");
  if (entry.ok && entry.value.isDirectory()) return { ok: true, value: "folder" };
  if (entry.ok && entry.value.isFile()) return { ok: true, value: "file" };
  if (entry.ok) return unreadable(path, "it is not a file");
  const itself = look(path, lstatSync);
  return itself.ok || !absent.has(itself.error) ? unreadable(path, entry.error) : { ok: true, value: null };
};
