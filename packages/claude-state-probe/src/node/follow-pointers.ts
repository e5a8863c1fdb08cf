import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { KeyDoubt } from "../key-doubt.ts";
import { isPlainWay } from "./plain-way.ts";
import { gitEntryAt, readPointer } from "./pointer-file.ts";
import { realPathOf } from "./real-path.ts";

/** Where the `.git` file of a checkout leads. */
export type Pointers = {
  /** The main checkout, or the bare repository, of a linked worktree; else the checkout itself. */
  readonly main: string | null;
  /** The folder that the `.git` file names; null where it names none. */
  readonly gitDir: string | null;
  /** The git directory that a linked worktree shares with its main checkout; for others as `gitDir`. */
  readonly commonDir: string | null;
  readonly pointed: readonly string[];
  readonly doubt: KeyDoubt | null;
  /** As in `WorkspacePaths`. */
  readonly readSoSince: string | null;
};

/**
 * A way back that is no absolute path is looked for below the current folder by 2.1.197 and older, so `.git` closes there,
 * and 2.1.198 looks for it below the git directory, as git does. 2.1.83 believes any `commondir`, 2.1.84 none that does not
 * close.
 */
const sinceOf = (back: string, closes: boolean): string | null => {
  if (back !== "" && !isAbsolute(back)) return "2.1.198";
  return closes ? null : "2.1.84";
};

/**
 * Git writes one line of a path. Line breaks are a part of the path to Claude Code, two slashes at its start another
 * computer, and it gives up pointers with a backslash in any of their paths (2.1.113 to 2.1.328).
 */
const isOdd = (text: string): boolean => /[\p{Cc}\p{Zl}\p{Zp}\uFFFD\\]|^\/\//u.test(text);

/** What a `.git` file names: all that stands behind `gitdir:`, as Claude Code takes it; null where it begins otherwise. */
const gitDirIn = (text: string): string | null =>
  text.startsWith("gitdir:") ? text.slice("gitdir:".length).trim() : null;

const stands = (path: string): boolean => {
  const entry = gitEntryAt(path);
  return !entry.ok || entry.value !== null;
};

/**
 * The main checkout that a linked worktree belongs to, or the worktree itself where the pointers do not close:
 * its `.git` names `<main>/.git/worktrees/<name>`, the `commondir` there `<main>/.git`, the `gitdir` our `.git` again.
 * A submodule has no `commondir`, so it is a repository of its own. A bare repository stands for itself. Links in the
 * pointers stay as they are written, for Claude Code takes them so into its key (2.1.328).
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
  const closes = backlink.ok && backlink.value === file;
  const readSoSince = sinceOf(backText, closes);
  if (!closes) return { ...found, main: tree, doubt: null, readSoSince };
  // Claude Code takes neither a worktree with a backslash in its path, nor a bare repository with a `.git` in it.
  const isTaken = !tree.includes("\\") && (repository !== commonDir || !stands(join(commonDir, ".git")));
  // Of paths that are not as short as they can be, or lead through a link, 2.1.113 and 2.1.197 make another key than 2.1.247.
  const real = realPathOf(gitDir);
  const isShort = [pointer, commonText, backText].every(
    (text) => !isAbsolute(text) || resolve(text) === text,
  );
  const since = isShort && real.ok && real.value === gitDir ? readSoSince : "2.1.247";
  return { ...found, main: repository, doubt: isTaken ? null : odd, readSoSince: since };
};
