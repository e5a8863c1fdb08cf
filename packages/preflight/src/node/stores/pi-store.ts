import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import type { ProjectFile } from "../../grants.ts";
import type { Result, Verdict } from "../../index.ts";
import {
  asksForResourcesOnly,
  defaultTrust,
  instructionFiles,
  piAskedArgs,
  piDecidingEntry,
  piEntries,
  piResources,
  type PiEntry,
} from "../../providers/pi-trust.ts";
import { readConfiguration, readProjectFiles, upwards } from "../plan/project-files.ts";
import { systemCode } from "@gatehouse/std";
import type { ReadContext, StateContext, TrustEntry, TrustStore } from "./trust-store.ts";

/** pi's trust.json, at the path where 0.79.0, 0.87.1 and 1.5.2 read it, and the setting for folders without an entry. */
export const piStore: TrustStore = {
  file: (context) => join(agentFolder(context), "trust.json"),
  read: (context) => {
    const file = piStore.file(context);
    const entries = readEntries(file);
    const version = context.cli?.version ?? null;
    return (paths) => {
      const { real } = paths;
      if (!entries.ok) return { key: real, verdict: { code: "state-unreadable", file, why: entries.error } };
      const entry = piDecidingEntry(entries.value, real, { version, platform: thisPlatform });
      return entry === null
        ? withoutEntry(paths, context)
        : { key: entry.key, verdict: settledBy(entry, file) };
    };
  },
  trustedKeys: (context) => {
    const entries = readEntries(piStore.file(context));
    if (!entries.ok) return entries;
    return { ok: true, value: entries.value.filter(({ isTrusted }) => isTrusted).map(({ key }) => key) };
  },
  keyOf: ({ real }) => real,
  projectFiles: (paths) => [
    ...readProjectFiles([paths.real], [".pi/settings.json", ".pi/mcp.json"]),
    ...resourcesOf(paths.real).filter(({ file }) => !file.endsWith(".json")),
    ...skillFolders(paths, true).map((folder) => present(folder, "skills")),
  ],
  args: piAskedArgs,
  // A pi that was killed while it read the settings of a trusted folder left this lock there (2 of 12, 0.87.1).
  alsoLocked: (context, { real }) => [
    ...["settings.json", "auth.json"].map((name) => join(agentFolder(context), name)),
    join(real, ".pi", "settings.json"),
  ],
  pack: async () => (await import("@trust/dialog-engine/packs")).piPack,
};

const agentFolder = ({ env, home }: StateContext): string =>
  (env["PI_CODING_AGENT_DIR"] || join(home, ".pi", "agent")).replace(/^~(?=\/|$)/u, home);

const readEntries = (file: string): Result<readonly PiEntry[], string> => {
  const content = readConfiguration(file)?.content ?? { parsed: {} };
  if ("unreadable" in content) return { ok: false, error: `It cannot be read (${content.unreadable}).` };
  return piEntries(content.parsed);
};

const settledBy = ({ key, isTrusted }: PiEntry, file: string): Verdict =>
  isTrusted
    ? { code: "already-trusted", why: `${key} is trusted in ${file}.` }
    : { code: "untrusted-by-user", key, file };

/** The verdict of the folder's own files and the user's settings, for a folder that is not in trust.json. */
const withoutEntry = (paths: WorkspacePaths, context: ReadContext): TrustEntry | null => {
  const { real } = paths;
  if (!asksIn(paths, context)) {
    const why = `pi asks only where a folder brings settings or resources of its own (.pi, .agents/skills); ${real} brings none.`;
    return { key: real, verdict: { code: "not-asked", why } };
  }
  const file = join(agentFolder(context), "settings.json");
  const content = readConfiguration(file)?.content;
  const wish = content !== undefined && "parsed" in content ? defaultTrust(content.parsed) : "ask";
  if (wish === "never") return { key: real, verdict: { code: "untrusted-by-user", key: real, file } };
  if (wish === "ask") return null;
  const why = `pi trusts every folder: "defaultProjectTrust" is "always" in ${file}.`;
  return { key: real, verdict: { code: "not-asked", why } };
};

/** True if pi asks in this folder. Before 0.79.3 less was enough to make it ask; an unknown version may be an old one. */
const asksIn = (paths: WorkspacePaths, { cli }: ReadContext): boolean => {
  const { real } = paths;
  if (asksForResourcesOnly(cli?.version ?? null))
    return resourcesOf(real).length > 0 || skillFolders(paths, true).length > 0;
  const isInstructed = upwards(real).some((folder) =>
    instructionFiles.some((name) => existsSync(join(folder, name))),
  );
  return isInstructed || existsSync(join(real, ".pi")) || skillFolders(paths, false).length > 0;
};

/** A folder or text that pi loads. Its presence is a grant. */
const present = (file: string, name: string): ProjectFile => ({
  file,
  content: { parsed: { [name]: true } },
});

const resourcesOf = (real: string): readonly ProjectFile[] =>
  piResources
    .map((name) => ({ name, file: join(real, ".pi", name) }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ file, content: { parsed: namesIn(file, name) } }));

/** Names each entry of a resource folder, so that extensions are listed one by one. */
const namesIn = (file: string, name: string): Record<string, true> => {
  try {
    return Object.fromEntries(readdirSync(file).map((entry) => [`${name}/${entry}`, true as const]));
  } catch (error) {
    systemCode(error);
    return { [name]: true };
  }
};

/** The `.agents/skills` of the folder and of the folders above it. Since 0.79.3 the user's own does not count. */
const skillFolders = ({ real, home }: WorkspacePaths, isHomeLeftOut: boolean): readonly string[] =>
  upwards(real)
    .filter((folder) => !isHomeLeftOut || folder !== home)
    .map((folder) => join(folder, ".agents", "skills"))
    .filter((folder) => existsSync(folder));
