import { constants } from "node:fs";
import { lstat, open, readdir, readlink, realpath, type FileHandle } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { RealPath } from "@gatehouse/session-rows/messages";

/** Links that one path may have, as on Linux. */
const mostLinks = 40;

/** Each process has its own `/proc/self/fd`, so only links with one meaning are followed below /proc. */
const isOfOneProcess = (path: string): boolean =>
  /^\/proc\//.test(path) && !/^\/proc\/(?:self|thread-self|\d+)\/(?:root|cwd)$/.test(path);

/**
 * The real path of an absolute path: every link is followed, also one to a missing file, which a write would create.
 * Names after the deepest existing folder stay. Empty for a path with too many links, such as a loop: it leads nowhere,
 * and so into no folder.
 */
export const realPathOf = async (path: string): Promise<string> => {
  const names = namesIn(path);
  let real = "/";
  for (let links = 0; names.length > 0;) {
    const name = names.shift() ?? "";
    if (name === "..") real = dirname(real);
    else {
      const next = join(real, name);
      const target = isOfOneProcess(next) ? null : await targetOf(next);
      if (target !== null) links += 1;
      if (links > mostLinks) return "";
      if (target === null) real = next;
      else if (isAbsolute(target)) real = "/";
      if (target !== null) names.unshift(...namesIn(target));
    }
  }
  return real;
};

const namesIn = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

const targetOf = (path: string): Promise<string | null> =>
  readlink(path).catch((error: unknown) => (systemCode(error), null));

/** Whether a real path is this real folder, or below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

/** A folder, and whether files below it may go out or come in without a question. The deepest one counts. */
export type FolderRule = { readonly folder: string; readonly isOpen: boolean };

/** The parts of a session's folder that are the agent's own. The rest has tokens, settings and transcripts. */
const ownParts: readonly string[] = ["out/inbox", "out/tmp", "in/skills"];

/** The folders of an agent: the group's, and its own parts of the session's folder. A link in place of a part is none. */
export const foldersOf = async (folder: string, cwd: string): Promise<readonly FolderRule[]> => {
  const session = await realPathOf(folder);
  const open = [await realPathOf(cwd), ...ownParts.map((name) => join(session, name))];
  return [{ folder: session, isOpen: false }, ...open.map((path) => ({ folder: path, isOpen: true }))];
};

/** Whether a real path is in a folder of the agent. */
export const isOwn = (path: string, folders: readonly FolderRule[]): boolean =>
  folders
    .filter(({ folder }) => isWithin(path, folder))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0]?.isOpen === true;

/**
 * The paths that a tool may mean by a text, and where they lead. Claude Code trims a path, reads `~` as HOME, normalizes
 * Unicode, and drops `NAME/..` (2.1.332); the kernel follows NAME first.
 */
const meaningsOf = async (
  text: string,
  { cwd, home }: PathPlace,
): Promise<readonly { readonly named: string; readonly real: string }[]> => {
  const trimmed = text.trim();
  const expanded = home !== undefined && /^~(?=\/|$)/.test(trimmed) ? `${home}/${trimmed.slice(1)}` : trimmed;
  return Promise.all(
    [...new Set([text, expanded, expanded.normalize("NFC")])].flatMap((path) => {
      const named = resolve(cwd, path);
      const asWritten = isAbsolute(path) ? path : `${cwd}/${path}`;
      return [named, asWritten].map(async (one) => ({ named, real: await realPathOf(one) }));
    }),
  );
};

/** Where the agent works, as its tools resolve paths. */
export type PathPlace = {
  /** The session's folder. */
  readonly folder: string;
  readonly cwd: string;
  readonly home: string | undefined;
};

/** What a person and the policy have to know of the paths in a tool's input. */
export type ToolPaths = { readonly realPaths: readonly RealPath[]; readonly isInside: boolean };

/** Longest path of Linux, in UTF-16 units. */
export const longestPath = 4_096;

/** Names of fields with a path, also a relative one: `file_path`, `notebookPath`, `workdir`, `files`. */
const pathField = /path|file|dir|folder|cwd|root|target|source|destination|uri/i;

/** Names of fields whose text is no path, even if it begins as one: a command, a pattern, or what a file gets. */
const otherField =
  /^(?:command|cmd|code|script|pattern|query|prompt|text|content|description|reason|diff)$|_string$/i;

/**
 * Finds the paths of a tool's input that lead to another place than they name, and whether each text of it stays in the
 * agent's folders. A text in a field of another name counts as a path if it begins as one.
 */
export const toolPaths = async (input: unknown, place: PathPlace): Promise<ToolPaths> => {
  const folders = await foldersOf(place.folder, place.cwd);
  const realPaths: RealPath[] = [];
  let isInside = true;
  for (const { field, text } of textsIn(input, "")) {
    const isPath = text.length <= longestPath && !text.includes("\0");
    const meanings = isPath ? await meaningsOf(text, place) : [];
    // A pattern such as `{a,../..}` leads out by its dots; no link is needed.
    isInside &&= isPath && !text.includes("..") && meanings.every(({ real }) => isOwn(real, folders));
    const name = /[^.]*$/.exec(field)?.[0] ?? field;
    const beginsAsPath =
      /^(?:~|\.{0,2}\/)/.test(text.trim()) && !text.includes("\n") && !otherField.test(name);
    if (!pathField.test(name) && !beginsAsPath) continue;
    const led = new Set(meanings.filter(({ named, real }) => named !== real).map(({ real }) => real));
    for (const realPath of led) realPaths.push({ field, realPath });
  }
  return { realPaths, isInside };
};

/** The texts of an input, each with its place in it. */
const textsIn = (value: unknown, field: string): readonly { field: string; text: string }[] => {
  if (typeof value === "string") return [{ field, text: value }];
  if (Array.isArray(value)) return value.flatMap((one, at) => textsIn(one, `${field}[${at}]`));
  return Object.entries(value ?? {}).flatMap(([name, one]) =>
    textsIn(one, field === "" ? name : `${field}.${name}`),
  );
};

/** Entries that are looked at for a link, about 0.5 s on a busy machine. A larger folder counts as one with such a link. */
const mostEntries = 20_000;

/**
 * Whether the working folder has a link that leads out of the agent's folders. A command could read through it by a
 * pattern or a walk (`cat *`, `grep -R`), which no CLI sees in the command's words.
 */
export const hasLinkOut = async ({ folder, cwd }: Pick<PathPlace, "folder" | "cwd">): Promise<boolean> => {
  const folders = await foldersOf(folder, cwd);
  const left = [await realPathOf(cwd)];
  for (let seen = 0; left.length > 0;) {
    const path = left.pop() ?? "";
    const entries = await readdir(path, { withFileTypes: true }).catch(
      (error: unknown) => (systemCode(error), []),
    );
    seen += entries.length;
    if (seen > mostEntries) return true;
    for (const entry of entries) {
      const of = join(path, entry.name);
      if (entry.isDirectory()) left.push(of);
      if (!entry.isSymbolicLink()) continue;
      const real = await realpath(of).catch((error: unknown) => (systemCode(error), realPathOf(of)));
      if (!isOwn(real, folders)) return true;
    }
  }
  return false;
};

/** An opened file, and the path by which it was found there. */
export type OpenedFile = {
  readonly handle: FileHandle;
  readonly realPath: string;
  /** It has hard links. */
  readonly hasOtherNames: boolean;
};

/**
 * Opens a file once, and finds its real path afterwards: a link that is changed meanwhile names another file than the
 * opened one, and is refused. The error is the rest of a sentence.
 */
export const openFile = async (path: string): Promise<Result<OpenedFile, string>> => {
  let handle: FileHandle | undefined;
  try {
    // Opens a pipe without waiting for its writer; it is refused as no plain file.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const [opened, realPath] = [await handle.stat(), await realpath(path)];
    const found = await lstat(realPath);
    if (!opened.isFile()) return await closed(handle, "it is not a plain file");
    if (found.dev !== opened.dev || found.ino !== opened.ino)
      return await closed(handle, "it was replaced while it was opened");
    return ok({ handle, realPath, hasOtherNames: opened.nlink > 1 });
  } catch (error) {
    return closed(handle, `it cannot be read (${systemCode(error)})`);
  }
};

const closed = async (handle: FileHandle | undefined, why: string): Promise<Result<never, string>> => {
  await handle?.close();
  return fail(why);
};
