import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fieldsOf, systemCode, textOf } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";

/** The field with the path of each tool that only reads. A tool without a path reads in the working folder. */
const pathFields: Readonly<Record<string, string>> = { read: "filePath", glob: "path", grep: "path" };

/** Files whose text OpenCode adds to that of a file in their folder, or below it (1.18.33). */
const instructions = ["AGENTS.md", "CLAUDE.md", "CONTEXT.md"];

/** The paths that a use of a tool reads; null for a tool that does more than read. */
export const readPaths = (tool: string, input: unknown, cwd: string): readonly string[] | null => {
  const field = Object.hasOwn(pathFields, tool) ? pathFields[tool] : undefined;
  if (field === undefined) return null;
  const path = resolve(cwd, textOf(fieldsOf(input)[field]));
  if (tool !== "read") return [path];
  const folders = foldersAbove(path);
  const own = folders.slice(0, folders.indexOf(cwd) + 1);
  return [path, ...own.flatMap((folder) => instructions.map((name) => join(folder, name)))];
};

/** The folders from the parent of a path up to the root. */
export const foldersAbove = (path: string): readonly string[] => {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...foldersAbove(parent)];
};

/** True if a path is there, also as a link. The agent has the rights of the runner: what one cannot see, the other cannot. */
export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => (systemCode(error), false),
  );

const settings = ["opencode.json", "opencode.jsonc"].flatMap((name) => [name, join(".opencode", name)]);

/** Larger settings are not read, bytes. */
const mostSettings = 1_000_000;

/**
 * Why OpenCode may not work in a folder; null if it may. In spite of OPENCODE_DISABLE_PROJECT_CONFIG it clones the Git
 * repositories that settings of the folder, and of each one above, have as `references` (1.18.33).
 */
export const refusalIn = async (cwd: string): Promise<ProviderError | null> => {
  const folders = [cwd, await realpath(cwd)].flatMap((path) => [path, ...foldersAbove(path)]);
  for (const file of [...new Set(folders)].flatMap((folder) => settings.map((name) => join(folder, name))))
    if (await mayHaveReferences(file))
      return {
        code: "failed",
        message: `OpenCode would fetch the "references" in ${file}, and ask nobody. Take them out of that file, or give the group another provider: ncl groups config update GROUP --provider claude, then ncl groups restart GROUP`,
      };
  return null;
};

const mayHaveReferences = async (file: string): Promise<boolean> => {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return false;
    if (!found.isFile() || found.size > mostSettings) return true;
    // The name of a field may also be written with escapes.
    return /"references?"|\\u/u.test(await readFile(file, "utf8"));
  } catch (error) {
    // OpenCode has the same rights.
    systemCode(error);
    return false;
  }
};
