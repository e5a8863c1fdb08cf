import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { KeyDoubt } from "../../workspace-paths.ts";
import { isPlainWay, realPathOf } from "../paths.ts";
import { gitEntryAt, readPointer } from "./pointer-file.ts";

/** The places that the `.git` file of a checkout leads to. */
export type Pointers = {
  /** The main checkout or the bare repository of a linked worktree; else the checkout itself. */
  readonly main: string | null;
  /** The folder that the `.git` file names; null if it names none. */
  readonly gitDir: string | null;
  /**
   * The git directory that a linked worktree shares with its main checkout; for any other checkout, the same
   * as `gitDir`.
   */
  readonly commonDir: string | null;
  readonly pointed: readonly string[];
  readonly doubt: KeyDoubt | null;
  /** Same meaning as in `WorkspacePaths`. */
  readonly readSoSince: string | null;
};

/**
 * The first version that reads the pointers this way. 2.1.197 and older resolve a relative pointer back
 * against the current folder, so `.git` matches there; 2.1.198 resolves it against the git directory, as git
 * does. 2.1.83 accepts any `commondir`; 2.1.84 accepts none whose pointers do not match.
 */
const sinceOf = (back: string, matches: boolean): string | null => {
  if (back !== "" && !isAbsolute(back)) return "2.1.198";
  return matches ? null : "2.1.84";
};

/**
 * True for a pointer that git would not write: git writes a path on one line. Claude Code reads line breaks as
 * part of the path and two slashes at the start as another computer, and it rejects pointers with a backslash
 * in any of their paths (2.1.113 to 2.1.328).
 */
const isOdd = (text: string): boolean => /[\p{Cc}\p{Zl}\p{Zp}\uFFFD\\]|^\/\//u.test(text);

/**
 * The path in a `.git` file: all text after `gitdir:`, as Claude Code reads it; null if the file starts
 * differently.
 */
const gitDirIn = (text: string): string | null =>
  text.startsWith("gitdir:") ? text.slice("gitdir:".length).trim() : null;

const exists = (path: string): boolean => {
  const entry = gitEntryAt(path);
  return !entry.ok || entry.value !== null;
};

/**
 * Finds the main checkout of a linked worktree: its `.git` names `<main>/.git/worktrees/<name>`, the
 * `commondir` there names `<main>/.git`, and the `gitdir` there names the worktree's `.git`. If the pointers
 * do not match, the result is the worktree itself. A submodule has no `commondir`, so it is its own
 * repository. For a bare repository the result is the repository's own folder. Links in the pointers are not
 * resolved, because Claude Code puts them into its key as written (2.1.328).
 */
export const followPointers = async (tree: string): Promise<Pointers> => {
  const file = join(tree, ".git");
  const nowhere = { main: tree, gitDir: null, commonDir: null, pointed: [], readSoSince: null };
  const dotGit = await readPointer(file);
  if (!dotGit.ok) return { ...nowhere, doubt: dotGit.error };
  const pointer = gitDirIn(dotGit.value ?? "");
  if (pointer === null) return { ...nowhere, doubt: null };
  const odd: KeyDoubt = { code: "odd-pointer", place: file };
  if (pointer === "" || isOdd(pointer)) return { ...nowhere, doubt: odd };
  const gitDir = resolve(tree, pointer);
  const [common, back] = await Promise.all([
    readPointer(join(gitDir, "commondir")),
    readPointer(join(gitDir, "gitdir")),
  ]);
  const unread = [common, back].find(({ ok }) => !ok);
  const [commonText, backText] = [common, back].map((read) => (read.ok && read.value) || "") as [
    string,
    string,
  ];
  const commonDir = resolve(gitDir, commonText);
  const repository = basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
  const found = { gitDir, commonDir, pointed: [...new Set([gitDir, commonDir, repository])] };
  if (unread?.ok === false) return { ...found, main: tree, doubt: unread.error, readSoSince: null };
  if ([commonText, backText].some(isOdd) || ![gitDir, commonDir].every(isPlainWay))
    return { ...found, main: tree, doubt: odd, readSoSince: null };
  if (dirname(gitDir) !== join(commonDir, "worktrees"))
    return { ...found, main: tree, doubt: null, readSoSince: commonText === "" ? null : "2.1.84" };
  const backlink = realPathOf(resolve(gitDir, backText));
  const matches = backlink.ok && backlink.value === file;
  const readSoSince = sinceOf(backText, matches);
  if (!matches) return { ...found, main: tree, doubt: null, readSoSince };
  // Claude Code rejects a worktree with a backslash in its path, and a bare repository that contains a
  // `.git`.
  const isTaken = !tree.includes("\\") && (repository !== commonDir || !exists(join(commonDir, ".git")));
  // For paths that are not in their shortest form, or lead through a link, 2.1.113 and 2.1.197 make another
  // key than 2.1.247.
  const real = realPathOf(gitDir);
  const isShort = [pointer, commonText, backText].every(
    (text) => !isAbsolute(text) || resolve(text) === text,
  );
  const since = isShort && real.ok && real.value === gitDir ? readSoSince : "2.1.247";
  return { ...found, main: repository, doubt: isTaken ? null : odd, readSoSince: since };
};
