import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { KeyDoubt, WorkspacePaths } from "../../workspace-paths.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { followPointers, type Pointers } from "./follow-pointers.ts";
import { gitEntryAt } from "./pointer-file.ts";
import { realPathOf, upwards } from "../paths.ts";
import { doubtOfRepository, isGitDirectory, isInside } from "./vouch-repository.ts";

export type LocateError = {
  readonly code: "not-a-folder";
  readonly path: string;
  /** The system's code: `ENOENT`, `EACCES`, or `ENOTDIR` for a file. */
  readonly detail: string;
};

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** The nearest `.git` from the folder upwards, which decides the key. */
type GitRoot = {
  readonly root: string | null;
  readonly kind: "folder" | "file" | null;
  /** A `.git` at or below the root that is neither a folder nor a file. */
  readonly doubt: KeyDoubt | null;
};

const findGitRoot = (real: string): GitRoot => {
  let doubt: KeyDoubt | null = null;
  for (const root of upwards(real)) {
    const entry = gitEntryAt(join(root, ".git"));
    if (!entry.ok) doubt ??= entry.error;
    else if (entry.value !== null) return { root, kind: entry.value, doubt };
  }
  return { root: null, kind: null, doubt };
};

const ofFolder = (root: string | null): Pointers => {
  const gitDir = root === null ? null : join(root, ".git");
  return { main: root, gitDir, commonDir: gitDir, pointed: [], doubt: null, readSoSince: null };
};

/**
 * Checks that a key other than the folder itself is a repository that confirms it. Returns the doubt if it is
 * not.
 */
const doubtOfMain = async (
  real: string,
  gitRoot: string,
  { main, gitDir, commonDir }: Pointers,
): Promise<KeyDoubt | null> => {
  if (main === null || main === real) return null;
  if (gitDir === null || commonDir === null) return { code: "no-repository", place: join(gitRoot, ".git") };
  if (main !== commonDir) return doubtOfRepository(main, main === gitRoot ? gitDir : commonDir);
  const place = realPathOf(main);
  if (!place.ok || !isGitDirectory(place.value)) return { code: "no-repository", place: main };
  return isInside(gitRoot, place.value) ? { code: "bare-repository-above", place: main } : null;
};

/** The doubt about an empty `.git`; null if it has anything in it. */
const emptyGitAt = (gitRoot: string, kind: "folder" | "file"): KeyDoubt | null => {
  const place = join(gitRoot, ".git");
  try {
    const isEmpty = kind === "file" ? statSync(place).size === 0 : readdirSync(place).length === 0;
    return isEmpty ? { code: "empty-git", place, kind } : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * Finds the places that decide which trust key applies to a folder. A relative `dir` is resolved against the
 * current folder. It reads `.git` entries and never runs git, because git can run a repository's own
 * programs. Git's environment (`GIT_DIR`, `GIT_CEILING_DIRECTORIES`) is ignored.
 */
export const locateWorkspace = async (
  dir: string,
  { home }: { readonly home: string },
): Promise<Result<WorkspacePaths, LocateError>> => {
  const given = resolve(dir);
  const [folder, realHome] = [realPathOf(given), realPathOf(home)];
  const problem = (detail: string): Result<never, LocateError> => ({
    ok: false,
    error: { code: "not-a-folder", path: given, detail },
  });
  if (!folder.ok) return problem(folder.error);
  const real = folder.value;
  if (!isFolder(real)) return problem("ENOTDIR");
  const { root: gitRoot, kind, doubt } = findGitRoot(real);
  const pointers = kind === "file" && gitRoot !== null ? await followPointers(gitRoot) : ofFolder(gitRoot);
  const { main: mainRoot, pointed, readSoSince } = pointers;
  const ownHome = realHome.ok ? realHome.value : resolve(home);
  const found = { given, real, gitRoot, mainRoot, pointed, readSoSince, home: ownHome };
  const empty = gitRoot === null || kind === null || gitRoot === real ? null : emptyGitAt(gitRoot, kind);
  const first = doubt ?? empty ?? pointers.doubt;
  const why = gitRoot === null ? first : (first ?? (await doubtOfMain(real, gitRoot, pointers)));
  return { ok: true, value: { ...found, doubt: why } };
};
