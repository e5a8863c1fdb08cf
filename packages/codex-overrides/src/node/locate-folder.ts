import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ReadError } from "../problem-messages.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { readWholeFile } from "./read-file.ts";

/** The places that decide whether Codex trusts a folder. All are real paths. */
export type FolderPlaces = {
  readonly real: string;
  /** The nearest folder, from `real` upwards, that contains a `.git`. */
  readonly gitRoot: string | null;
  /** The main checkout of a linked worktree; else `gitRoot`. */
  readonly mainRoot: string | null;
  /**
   * A `.git`, or a pointer back to it, that exists but could not be read completely. It may name a main
   * checkout.
   */
  readonly unread: Unread | null;
};

/** `detail` is the system's code, such as `EFBIG`. */
export type Unread = { readonly file: string; readonly detail: string };

const realPathOf = async (path: string): Promise<Result<string, string>> => {
  try {
    return { ok: true, value: await realpath(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

type Kind = "folder" | "file" | "other";

const isAbsent = (detail: string): boolean => ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(detail);

/**
 * The kind of entry at a path, with links followed; null if there is none. A broken link counts as an entry.
 */
const kindOf = async (path: string): Promise<Kind | null> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    return found.isFile() ? "file" : "other";
  } catch (error) {
    if (!isAbsent(systemCode(error))) return "other";
  }
  try {
    await lstat(path);
    return "other";
  } catch (error) {
    return isAbsent(systemCode(error)) ? null : "other";
  }
};

/** Reads a pointer file. A missing file counts as empty. */
const textOf = async (file: string): Promise<Result<string, Unread>> => {
  const read = await readWholeFile(file);
  if (read.ok) return { ok: true, value: read.value.bytes.toString("utf8").trim() };
  return isAbsent(read.error) ? { ok: true, value: "" } : { ok: false, error: { file, detail: read.error } };
};

type NearestGit = {
  readonly root: string | null;
  readonly kind: Kind | null;
  readonly unread: Unread | null;
};

/**
 * Finds the nearest `.git` as Codex does: if a `.git` is neither a folder nor a file, Codex searches further
 * up.
 */
const nearestGit = async (folder: string): Promise<NearestGit> => {
  const file = join(folder, ".git");
  const kind = await kindOf(file);
  if (kind === "folder" || kind === "file") return { root: folder, kind, unread: null };
  const above = dirname(folder);
  const found = above === folder ? { root: null, kind: null, unread: null } : await nearestGit(above);
  return kind === null ? found : { ...found, unread: { file, detail: "not a file" } };
};

/**
 * The main checkout of a linked worktree: its `.git` names `<main>/.git/worktrees/<name>`, and the `gitdir`
 * there names the worktree's `.git`. If the pointers do not match, the result is the worktree itself. Codex
 * follows them in the same way; its newer versions also check the pointer back (its source, 2026).
 */
const mainRootOf = async (worktree: string): Promise<Result<string, Unread>> => {
  const itself = { ok: true, value: worktree } as const;
  const dotGit = await textOf(join(worktree, ".git"));
  if (!dotGit.ok) return dotGit;
  const pointer = /^gitdir:(.+)$/.exec(dotGit.value)?.[1]?.trim();
  const gitDir = await realPathOf(resolve(worktree, pointer ?? "."));
  if (pointer === undefined || !gitDir.ok || basename(dirname(gitDir.value)) !== "worktrees") return itself;
  const back = await textOf(join(gitDir.value, "gitdir"));
  if (!back.ok) return back;
  const backlink = await realPathOf(resolve(gitDir.value, back.value));
  if (!backlink.ok || backlink.value !== join(worktree, ".git")) return itself;
  const commonDir = dirname(dirname(gitDir.value));
  return basename(commonDir) === ".git" ? { ok: true, value: dirname(commonDir) } : itself;
};

/**
 * Finds the places of a folder. A relative path starts at the current folder. It reads `.git` entries and
 * never runs git.
 */
export const locateFolder = async (dir: string): Promise<Result<FolderPlaces, ReadError>> => {
  const folder = resolve(dir);
  const real = await realPathOf(folder);
  const detail = real.ok ? "ENOTDIR" : real.error;
  if (!real.ok || (await kindOf(real.value)) !== "folder")
    return { ok: false, error: { code: "not-a-folder", folder, detail } };
  const { root: gitRoot, kind, unread } = await nearestGit(real.value);
  const main =
    gitRoot !== null && kind === "file" ? await mainRootOf(gitRoot) : ({ ok: true, value: gitRoot } as const);
  const mainRoot = main.ok ? main.value : gitRoot;
  const first = unread ?? (main.ok ? null : main.error);
  return { ok: true, value: { real: real.value, gitRoot, mainRoot, unread: first } };
};

/**
 * The keys under which Codex looks up a folder, in its order: the folder itself, its git root, its main
 * checkout.
 */
export const trustKeys = ({
  real,
  gitRoot,
  mainRoot,
}: Pick<FolderPlaces, "real" | "gitRoot" | "mainRoot">): readonly string[] => [
  ...new Set([real, gitRoot, mainRoot].filter((key) => key !== null)),
];
