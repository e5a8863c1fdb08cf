import { join } from "node:path";
import { type Grant, type GrantFile, grantsFrom } from "../grants-from.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { isNothingAt, maxOwnBytes, readJson } from "./read-file.ts";
import { upwards } from "./paths.ts";

/** A file that may grant something. */
export type GrantSource = Pick<GrantFile, "file" | "kind">;

/** Reads one file; `null` if it does not exist. */
export type ReadGrantFile = (source: GrantSource) => Promise<GrantFile | null>;

const settingsIn = (folder: string): readonly GrantSource[] =>
  ["settings.json", "settings.local.json"].map((name) => ({
    file: join(folder, ".claude", name),
    kind: "settings",
  }));

const serversIn = (folder: string): GrantSource => ({ file: join(folder, ".mcp.json"), kind: "mcp" });

/**
 * Each folder once: the workspace, the folders above it inside its repository, and the main checkout of a
 * worktree.
 */
const repositoryFolders = ({ real, gitRoot, mainRoot }: WorkspacePaths): readonly string[] => {
  const inside = upwards(real).filter((folder) => gitRoot !== null && folder.length >= gitRoot.length);
  return [...new Set([real, ...inside, ...(mainRoot === null ? [] : [mainRoot])])];
};

export const readGrantFile: ReadGrantFile = async ({ file, kind }) => {
  if (isNothingAt(file)) return null;
  const json = await readJson(file, maxOwnBytes);
  if (json.ok) return { file, kind, json: json.value };
  return json.error.code === "missing" ? null : { file, kind, unreadable: json.error.detail };
};

/**
 * Reads what the folder's files enable once it is trusted, as names only. It reads the settings of the
 * folder, of its repository's root and of the folders between, and every `.mcp.json` from the folder up to
 * `/` (2.1.328 loads them all, even from above home). A file that cannot be read or understood gives a row of
 * kind `unreadable`.
 */
export const readGrants = (paths: WorkspacePaths): Promise<readonly Grant[]> =>
  readGrantsBy(readGrantFile, paths);

/** Like `readGrants`, with the caller's own reader. */
export const readGrantsBy = async (read: ReadGrantFile, paths: WorkspacePaths): Promise<readonly Grant[]> => {
  const folders = repositoryFolders(paths);
  const withServers = new Set([...upwards(paths.real), ...folders]);
  const sources = [...folders.flatMap(settingsIn), ...[...withServers].map(serversIn)];
  const files = await Promise.all(sources.map(read));
  return grantsFrom(files.filter((file) => file !== null));
};
