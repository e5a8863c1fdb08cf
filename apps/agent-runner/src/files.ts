import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import type { ProviderPlace } from "./provider.ts";
import { foldersOf, isOwn, openFile } from "./real-path.ts";

/** The text of a plain file; null if it cannot be read. A read of a pipe, which an agent can put there, would never end. */
export const textIfThere = async (path: string): Promise<string | null> => {
  const opened = await openFile(path);
  if (!opened.ok) return null;
  const { handle } = opened.value;
  return handle
    .readFile("utf8")
    .catch((error: unknown) => (systemCode(error), null))
    .finally(() => handle.close());
};

/** Writes a private file in place of an old one. Follows no link, since an agent could have put one there. */
export const writeAnew = async (path: string, text: string): Promise<void> => {
  await rm(path, { force: true, recursive: true });
  await writeFile(path, text, { mode: 0o600, flag: "wx" });
};

/** Makes a private folder, or removes the entries of an old one, except those whose names match. */
export const clearFolder = async (path: string, kept: RegExp): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  for (const name of await readdir(path))
    if (!kept.test(name)) await rm(join(path, name), { recursive: true, force: true });
};

/** Removes a folder that an agent had, also one in which it has closed folders to its own account. */
export const removeTree = async (path: string): Promise<void> => {
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 });
  await remove().catch(async (error: unknown) => {
    if (systemCode(error) !== "EACCES") throw error;
    await openFolders(path);
    await remove();
  });
};

/** Gives the account all rights in a folder, and in each one below it. Follows no link. */
const openFolders = async (path: string): Promise<void> => {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
};

/** The text of a file of the agent's; empty if it leads out of the agent's folders, or cannot be read. */
const ownText = async (
  path: string,
  { folder, cwd }: Pick<ProviderPlace, "folder" | "cwd">,
): Promise<string> => {
  const opened = await openFile(path);
  if (!opened.ok) return "";
  const { handle, realPath } = opened.value;
  const isReadable = isOwn(realPath, await foldersOf(folder, cwd));
  return (isReadable ? handle.readFile("utf8") : Promise.resolve("")).finally(() => handle.close());
};

/** The folder that a CLI reads at its start. */
export type CliFolder = {
  readonly path: string;
  /** The names of the entries that the next process goes on with. All others are removed. */
  readonly kept: RegExp;
  /** The name of the file with instructions, here and in the agent's working folder. */
  readonly instructions: string;
  /** Changes the text of the instructions for this CLI. */
  readonly asRead?: (text: string) => string;
  /** The texts of other files, by their names. */
  readonly files: Readonly<Record<string, string>>;
};

/**
 * Writes the folder that a CLI reads at its start, with the group's instructions and skills. It is written anew each
 * time, because an agent could have allowed itself tools in it.
 */
export const writeCliFolder = async (
  { folder, cwd }: Pick<ProviderPlace, "folder" | "cwd">,
  { path, kept, instructions, asRead = (text) => text, files }: CliFolder,
): Promise<void> => {
  await clearFolder(path, kept);
  const given = asRead(await ownText(join(cwd, instructions), { folder, cwd }));
  for (const [name, text] of Object.entries({ ...files, [instructions]: given }))
    await writeAnew(join(path, name), text);
  await symlink(join(folder, "in", "skills"), join(path, "skills"));
};
