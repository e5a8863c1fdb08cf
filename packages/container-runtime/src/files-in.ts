import type { RuntimeError, RuntimeResult } from "./runtime-result.ts";

/** Files that a workload finds when it starts, in a folder that no other account may read. */
export type FilesIn = {
  /** Their folder, as the workload sees it: `ContainerRuntime.folderOf` tells it. */
  readonly folder: string;
  /** Folders in it that hold nothing else: they are replaced whole, with what an agent put there. */
  readonly whole: readonly string[];
  readonly entries: readonly FileIn[];
};

/** A file, link or folder. Its path is relative to the folder, with `/` between its names. */
export type FileIn =
  | {
      readonly kind: "file";
      readonly path: string;
      /** 0o400, 0o500, 0o600 or 0o700: for its account alone. */
      readonly mode: number;
      readonly content: string | FileSource;
    }
  /** A link that is made where nothing is yet. Its target is relative, and stays within the folder. */
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "folder"; readonly path: string };

/** A file of the host, by what was seen of it. One that has changed since is refused. */
export type FileSource = { readonly source: string; readonly size: number; readonly mtimeMs: number };

/** Most entries, bytes in all files, bytes in a path. */
export const filesInLimits = { entries: 10_000, bytes: 67_108_864, path: 1_024 } as const;

/** Bytes of an entry's content. */
const sizeOf = (entry: FileIn): number =>
  entry.kind !== "file"
    ? 0
    : typeof entry.content === "string"
      ? utf8Length(entry.content)
      : entry.content.size;

/** Says which files these are, so that the same ones are not written twice. */
export const signatureOf = ({ whole, entries }: Omit<FilesIn, "folder">): string =>
  JSON.stringify([whole, entries]);

/** Refuses files that would leave their folder, stand in each other's way, or be too many. */
export const checkFiles = ({ whole, entries }: Omit<FilesIn, "folder">): RuntimeResult<null> => {
  const problem = problemOf(whole, entries);
  if (problem === null) return { ok: true, value: null };
  const error: RuntimeError = { code: "files-refused", message: problem };
  return { ok: false, error };
};

const problemOf = (whole: readonly string[], entries: readonly FileIn[]): string | null => {
  const { entries: most, bytes: mostBytes } = filesInLimits;
  if (entries.length > most) return `${entries.length} files are handed in, and ${most} are the most.`;
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > mostBytes) return `The files that are handed in have ${bytes} bytes: at most ${mostBytes}.`;
  const wrong = [...whole, ...entries.map(({ path }) => path)].find((path) => !isInside(path));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is no path of a file that is handed in.`;
  for (const entry of entries) {
    if (entry.kind === "link" && !staysInside(entry.path, entry.target))
      return `The link ${entry.path} leads out of its folder.`;
    if (entry.kind === "file" && ![0o400, 0o500, 0o600, 0o700].includes(entry.mode))
      return `${entry.path} must be for its account alone.`;
  }
  return clashOf(entries);
};

/** A path twice, or a file where another entry needs a folder. */
const clashOf = (entries: readonly FileIn[]): string | null => {
  const folders = new Set<string>();
  const others = new Set<string>();
  for (const { kind, path } of entries) {
    if (kind === "folder") folders.add(path);
    else if (others.has(path)) return `${path} is handed in twice.`;
    else others.add(path);
    const names = path.split("/");
    for (let count = 1; count < names.length; count += 1) folders.add(names.slice(0, count).join("/"));
  }
  const both = [...others].find((path) => folders.has(path));
  return both === undefined ? null : `${both} is handed in as a file and as a folder.`;
};

/**
 * No name is empty, `.` or `..`; none has a control character, which a list of paths by lines could not hold. Names that
 * runtimes use while they place files are theirs.
 */
const isInside = (path: string): boolean =>
  utf8Length(path) <= filesInLimits.path &&
  !/^\.(moves|end|new-[^/]*)(\/|$)/.test(path) &&
  path.split("/").every((name) => name !== "" && name !== "." && name !== ".." && !isControlled(name));

const isControlled = (name: string): boolean =>
  [...name].some((letter) => letter < " " || letter === "\u007f" || letter === "\ufffd");

const staysInside = (path: string, target: string): boolean => {
  if (target.startsWith("/") || target === "") return false;
  const at = path.split("/").slice(0, -1);
  for (const name of target.split("/")) {
    if (name === "" || name === "." || isControlled(name)) return false;
    if (name !== "..") at.push(name);
    else if (at.pop() === undefined) return false;
  }
  return at.length > 0;
};

/** Bytes in UTF-8, which the core has no library for. */
const utf8Length = (text: string): number => {
  let bytes = 0;
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};
