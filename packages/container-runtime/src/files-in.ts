import type { RuntimeError, RuntimeResult } from "./runtime-result.ts";

/** Files that the host places for a workload, in a folder that no other account may read. */
export type FilesIn = {
  /** Their folder, as the workload sees it, from `ContainerRuntime.folderOf`. */
  readonly folder: string;
  /**
   * Folders that must hold only these entries. They are replaced as a whole; files of the agent in them are
   * lost.
   */
  readonly whole: readonly string[];
  readonly entries: readonly FileIn[];
};

/** A file, link or folder. Its path is relative to the folder, with `/` between its names. */
export type FileIn =
  | {
      readonly kind: "file";
      readonly path: string;
      /** 0o400, 0o500, 0o600 or 0o700: only its account has access. */
      readonly mode: number;
      readonly content: string | Uint8Array | FileSource;
    }
  /** A link, made only if nothing is at its path. Its target is relative, and within the folder. */
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "folder"; readonly path: string };

/** A file of the host, with its size and time when it was read. It is refused if it has changed since. */
export type FileSource = { readonly source: string; readonly size: number; readonly mtimeMs: number };

/** Maximum entries, bytes in all files, bytes in a path. */
export const filesInLimits = { entries: 10_000, bytes: 67_108_864, path: 1_024 } as const;

/** Bytes of an entry's content. */
const sizeOf = (entry: FileIn): number =>
  entry.kind !== "file"
    ? 0
    : typeof entry.content === "string"
      ? utf8Length(entry.content)
      : "length" in entry.content
        ? entry.content.length
        : entry.content.size;

/** A text that is equal for equal files, so that the same files are not written twice. */
export const signatureOf = ({ whole, entries }: Omit<FilesIn, "folder">): string =>
  JSON.stringify([whole, entries]);

/** Refuses files that lead out of their folder, exclude each other, or are too many. */
export const checkFiles = ({ whole, entries }: Omit<FilesIn, "folder">): RuntimeResult<null> => {
  const problem = problemOf(whole, entries);
  if (problem === null) return { ok: true, value: null };
  const error: RuntimeError = { code: "files-refused", message: problem };
  return { ok: false, error };
};

const problemOf = (whole: readonly string[], entries: readonly FileIn[]): string | null => {
  const { entries: most, bytes: mostBytes } = filesInLimits;
  if (entries.length > most) return `${entries.length} files are to be placed: at most ${most}.`;
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > mostBytes) return `The files to be placed have ${bytes} bytes: at most ${mostBytes}.`;
  const wrong = [...whole, ...entries.map(({ path }) => path)].find((path) => !isInside(path));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not a valid path of a placed file.`;
  for (const entry of entries) {
    if (entry.kind === "link" && !staysInside(entry.path, entry.target))
      return `The link ${entry.path} leads out of its folder.`;
    if (entry.kind === "file" && ![0o400, 0o500, 0o600, 0o700].includes(entry.mode))
      return `${entry.path} must have mode 400, 500, 600 or 700.`;
  }
  return clashOf(entries);
};

/** The problem of a repeated path, or of a file where another entry needs a folder. */
const clashOf = (entries: readonly FileIn[]): string | null => {
  const folders = new Set<string>();
  const others = new Set<string>();
  for (const { kind, path } of entries) {
    if (kind === "folder") folders.add(path);
    else if (others.has(path)) return `${path} is listed twice.`;
    else others.add(path);
    const names = path.split("/");
    for (let count = 1; count < names.length; count += 1) folders.add(names.slice(0, count).join("/"));
  }
  const both = [...others].find((path) => folders.has(path));
  return both === undefined ? null : `${both} is listed as a file and as a folder.`;
};

/**
 * True if no name in the path is empty, `.` or `..`, and no name has a control character, which a list with
 * one path per line could not hold. Refuses the names that runtimes themselves use while they place files.
 */
const isInside = (path: string): boolean =>
  utf8Length(path) <= filesInLimits.path &&
  !/^\.(moves|end|new-[^/]*)(\/|$)/.test(path) &&
  path.split("/").every((name) => name !== "" && name !== "." && name !== ".." && !isControlled(name));

const isControlled = (name: string): boolean =>
  [...name].some((letter) => letter < " " || letter === "\u007f" || letter === "\ufffd");

const staysInside = (path: string, target: string): boolean => {
  const at = path.split("/").slice(0, -1);
  for (const name of target.split("/")) {
    if (name === "" || name === "." || isControlled(name)) return false;
    if (name !== "..") at.push(name);
    else if (at.pop() === undefined) return false;
  }
  return at.length > 0;
};

/** The number of UTF-8 bytes. The core has no library for it. */
const utf8Length = (text: string): number => {
  let bytes = 0;
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};
