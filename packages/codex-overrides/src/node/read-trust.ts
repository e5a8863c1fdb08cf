import { realpath } from "node:fs/promises";
import process from "node:process";
import type { CodexLaunch } from "../apply-patches.ts";
import type { ReadError } from "../problem-messages.ts";
import type { FolderContext, Platform } from "../folder-rules.ts";
import { parseToml, type SyntaxProblem } from "../parse-text.ts";
import { entriesToRepeat, projectEntries, type ProjectEntries } from "../project-entries.ts";
import { type Result, systemCode } from "@gatehouse/std";
import {
  findEntry,
  trustEntries,
  untrustedFolders,
  type EntryFound,
  type TrustEntries,
} from "../trust-entries.ts";
import { configFile, readConfigFile, type CodexPlace } from "./config-file.ts";
import { locateFolder, trustKeys, type FolderPlaces } from "./locate-folder.ts";

const platform: Platform =
  process.platform === "win32" || process.platform === "darwin" ? process.platform : "linux";

type Parsed = { readonly bytes: Buffer; readonly projects: ReturnType<typeof projectsIn> };

/** The result of the last parse. A launch reads the file in each of its steps, and parsing takes the longest. */
let last: Parsed | null = null;

/**
 * Reads the `projects` of config.toml; empty if there is no file. For callers that ask about many folders at
 * once.
 */
export const readProjects = async (place: CodexPlace): Promise<Result<ProjectEntries, ReadError>> => {
  const file = configFile(place);
  const read = await readConfigFile(file);
  if (!read.ok) return read;
  const bytes = read.value?.bytes ?? Buffer.alloc(0);
  if (last === null || !last.bytes.equals(bytes))
    last = { bytes, projects: projectsIn(bytes.toString("utf8")) };
  const { projects } = last;
  return projects.ok ? projects : { ok: false, error: { code: "config-invalid", file, ...projects.error } };
};

const projectsIn = (text: string): Result<ProjectEntries, SyntaxProblem> => {
  const parsed = parseToml(text);
  return parsed.ok ? { ok: true, value: projectEntries(parsed.value) } : parsed;
};

/** The nearest key decides, so an unread pointer matters only if no key is found. */
const findOwnEntry = (entries: TrustEntries, places: FolderPlaces): Result<EntryFound, ReadError> => {
  const found = findEntry(entries, trustKeys(places), platform);
  return found.state === "absent" && places.unread !== null
    ? { ok: false, error: { code: "pointer-unreadable", ...places.unread } }
    : { ok: true, value: found };
};

const realHome = async (home: string): Promise<string> => {
  try {
    return await realpath(home);
  } catch (error) {
    systemCode(error);
    return home;
  }
};

/** The platform of this system, and the home folder. */
export const folderContext = async (home: string): Promise<FolderContext> => ({
  platform,
  homes: [...new Set([home, await realHome(home)])],
});

/** The folders that a repository's key marks untrusted. A folder that does not exist has no repository. */
const untrustedByKey = async (
  folders: readonly string[],
  entries: TrustEntries,
): Promise<Result<readonly string[], ReadError>> => {
  const untrusted: string[] = [];
  const places = await Promise.all(folders.map(locateFolder));
  for (const [index, folder] of folders.entries()) {
    const located = places[index];
    if (located?.ok !== true) continue;
    const found = findOwnEntry(entries, located.value);
    if (!found.ok) return found;
    if (found.value.state === "untrusted") untrusted.push(folder);
  }
  return { ok: true, value: untrusted };
};

/** The Codex to start. `version` is a plain `x.y.z`, or `null` if it is not known. */
export type CodexToStart = CodexPlace & { readonly version: string | null };

/**
 * Reads the entries that a Codex launch with these folders must respect. A config.toml that cannot be parsed is an error:
 * it does not count as a file without untrusted folders.
 */
export const readCodexLaunch = async (
  folders: readonly string[],
  { version, ...place }: CodexToStart,
): Promise<Result<CodexLaunch, ReadError>> => {
  const [projects, context] = await Promise.all([readProjects(place), folderContext(place.home)]);
  if (!projects.ok) return projects;
  const entries = trustEntries(projects.value);
  const byKey = await untrustedByKey(folders, entries);
  if (!byKey.ok) return byKey;
  const untrusted = [...untrustedFolders(entries), ...byKey.value];
  return { ok: true, value: { untrusted, configured: entriesToRepeat(projects.value, version), context } };
};
