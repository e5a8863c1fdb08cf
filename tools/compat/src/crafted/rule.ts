import { lstatSync, readFileSync, realpathSync, statSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/**
 * The rule about keys, implemented a second time from its text only, to test the product's own rule: whether
 * a key other than the folder may be accepted. Slow and simple.
 */
const statAt = (path: string, follow = true): Stats | null => {
  try {
    return follow ? statSync(path) : lstatSync(path);
  } catch {
    return null;
  }
};
const realAt = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};
const foldersUp = (path: string): string[] => (path === "/" ? ["/"] : [path, ...foldersUp(dirname(path))]);

/**
 * "A pointer that is there and was not read whole is a refusal." Null if it does not exist. No system opens a
 * path with a NUL.
 */
const readWhole = (path: string): string | "refused" | null => {
  if (path.includes("\0")) return "refused";
  const found = statAt(path, false);
  if (found === null) return null;
  return found.isFile() && found.size <= 65_536 ? readFileSync(path, "utf8").trim() : "refused";
};

/** "Its git directory has HEAD, objects/ and refs/." */
const isRepository = (folder: string): boolean => {
  const head = statAt(join(folder, "HEAD"), false);
  return (
    head !== null &&
    !head.isDirectory() &&
    statAt(join(folder, "objects"))?.isDirectory() === true &&
    statAt(join(folder, "refs"))?.isDirectory() === true
  );
};

/** The line that the trees of these tests write into a configuration. */
const namedWorktree = (gitDir: string): string | null => {
  if (statAt(join(gitDir, "config")) === null) return null;
  const line = /worktree = (.*)/.exec(readFileSync(join(gitDir, "config"), "utf8"))?.[1];
  return line?.replace(/^"(.*)".*$/, "$1") ?? null;
};

/**
 * A git directory belongs to a working tree if it names that tree. A git directory that names none belongs to
 * the tree if it is inside it, or is not called `.git`.
 */
const isRepositoryOf = (root: string, gitDir: string): boolean => {
  const real = realAt(gitDir);
  if (real === null || !isRepository(real)) return false;
  const named = namedWorktree(real);
  if (named !== null) return realAt(isAbsolute(named) ? named : `${real}/${named}`) === realAt(root);
  const top = realAt(root);
  return real !== top && (foldersUp(real).includes(top ?? "") || !real.endsWith("/.git"));
};

/**
 * True if this key may be recorded for this folder. Both are real paths; `key` is the key that the CLI would
 * record.
 */
export const mayRecord = (folder: string, key: string): boolean => {
  const entries = foldersUp(folder).map((at) => join(at, ".git"));
  const root = entries.find((at) => statAt(at)?.isFile() === true || statAt(at)?.isDirectory() === true);
  const below = root === undefined ? entries : entries.slice(0, entries.indexOf(root));
  if (below.some((at) => statAt(at, false) !== null)) return false;
  if (root === undefined) return key === folder;
  const top = dirname(root);
  if (statAt(root)?.isDirectory() === true)
    return key === folder || (key === top && isRepositoryOf(top, root));
  const text = readWhole(root);
  if (text === null || text === "refused") return false;
  const pointer = /^gitdir:\s*([^\n\r\u2028\u2029]+)$/.exec(text)?.[1];
  if (pointer === undefined) return key === folder;
  const gitDir = resolve(top, pointer);
  const [common, back] = [readWhole(join(gitDir, "commondir")), readWhole(join(gitDir, "gitdir"))];
  if (common === "refused" || back === "refused") return false;
  if (key === folder) return true;
  if (key === top) return isRepositoryOf(top, gitDir);
  // A linked worktree: the repository has to name it, and it may not be inside a bare one.
  if (common === null || back === null || realAt(resolve(gitDir, back)) !== root) return false;
  const bare = !resolve(gitDir, common).endsWith("/.git");
  const repository = bare ? key : join(key, ".git");
  if (realAt(dirname(gitDir)) !== realAt(join(repository, "worktrees"))) return false;
  return bare
    ? isRepository(repository) && !foldersUp(top).includes(realAt(key) ?? "")
    : isRepositoryOf(key, repository);
};
