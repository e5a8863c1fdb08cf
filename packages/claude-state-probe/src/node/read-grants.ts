import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { grantsFrom, type Grant, type GrantFile, type WorkspacePaths } from "../index.ts";
import { systemCode } from "./system-code.ts";

const sources = [
  { kind: "settings", parts: [".claude", "settings.json"] },
  { kind: "settings", parts: [".claude", "settings.local.json"] },
  { kind: "mcp", parts: [".mcp.json"] },
] as const;

const jsonOf = (text: string): { json: unknown } | { unreadable: string } => {
  try {
    return { json: JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { unreadable: "not JSON" };
    throw error;
  }
};

/** `null` where there is no such file. */
const readSource = async (folder: string, source: (typeof sources)[number]): Promise<GrantFile | null> => {
  const file = join(folder, ...source.parts);
  try {
    return { file, kind: source.kind, ...jsonOf(await readFile(file, "utf8")) };
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? null : { file, kind: source.kind, unreadable: code };
  }
};

/** From the folder up to the root of its repository; then the main checkout, whose trust a worktree shares. */
const foldersOf = ({ real, gitRoot, mainRoot }: WorkspacePaths): readonly string[] => {
  const folders = [real];
  for (let at = real; gitRoot !== null && at !== gitRoot;) folders.push((at = dirname(at)));
  return [...new Set([...folders, ...(mainRoot === null ? [] : [mainRoot])])];
};

/**
 * What the files of the folder, of its repository's root, and of the folders between switch on once they are trusted. Names only.
 * A file that cannot be read or understood is a row of kind `unreadable`.
 */
export const readGrants = async (paths: WorkspacePaths): Promise<readonly Grant[]> => {
  const files = await Promise.all(
    foldersOf(paths).flatMap((folder) => sources.map((source) => readSource(folder, source))),
  );
  return grantsFrom(files.filter((file) => file !== null));
};
