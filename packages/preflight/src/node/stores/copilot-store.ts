import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { thisPlatform } from "@trust/claude-state-probe/node";
import type { ProjectFile } from "../../grants.ts";
import { copilotFolders, copilotKey, coveringFolder } from "../../providers/copilot-trust.ts";
import { readConfiguration, readProjectFiles } from "../plan/project-files.ts";
import { systemCode } from "@gatehouse/std";
import type { TrustStore } from "./trust-store.ts";

/** Copilot's config.json, at the path where 1.0.102 reads it. */
export const copilotStore: TrustStore = {
  file: ({ env, home }) => join(env["COPILOT_HOME"] || join(home, ".copilot"), "config.json"),
  read: (context) => {
    const file = copilotStore.file(context);
    const content = readConfiguration(file)?.content ?? { parsed: {} };
    return (paths) => {
      if ("unreadable" in content) {
        const why = `It cannot be read (${content.unreadable}).`;
        return { key: copilotKey(paths), verdict: { code: "state-unreadable", file, why } };
      }
      const key = coveringFolder(copilotFolders(content.parsed).map(realOf), paths, thisPlatform);
      const why = `${key} is trusted in ${file}.`;
      return key === null ? null : { key, verdict: { code: "already-trusted", why } };
    };
  },
  trustedKeys: (context) => {
    const content = readConfiguration(copilotStore.file(context))?.content ?? { parsed: {} };
    if ("unreadable" in content) return { ok: false, error: content.unreadable };
    return { ok: true, value: copilotFolders(content.parsed).map(realOf) };
  },
  keyOf: copilotKey,
  projectFiles: ({ real, gitRoot }) =>
    [...new Set([gitRoot ?? real, real])].flatMap((folder) => [
      ...readProjectFiles([folder], projectSettings),
      ...filesIn(join(folder, ".github", "hooks")),
    ]),
  pack: async () => (await import("@trust/dialog-engine/packs")).copilotPack,
};

/**
 * Only `.mcp.json` was seen to take effect: in a trusted folder its servers start even before anyone has signed in, in
 * an untrusted one they do not (1.0.102). The other files are named in its changelog and its binary.
 */
const projectSettings = [
  ...[".mcp.json", ".github/mcp.json"],
  ...[".github/copilot/settings.json", ".github/copilot/settings.local.json"],
  ...[".claude/settings.json", ".claude/settings.local.json"],
];

/** The JSON files of a folder; a folder that cannot be listed counts as an unreadable file. */
const filesIn = (folder: string): readonly ProjectFile[] => {
  try {
    return readProjectFiles(
      [folder],
      readdirSync(folder).filter((name) => name.endsWith(".json")),
    );
  } catch (error) {
    const unreadable = systemCode(error);
    return ["ENOENT", "ENOTDIR"].includes(unreadable) ? [] : [{ file: folder, content: { unreadable } }];
  }
};

const realOf = (folder: string): string => {
  try {
    return realpathSync.native(folder);
  } catch (error) {
    systemCode(error);
    return folder;
  }
};
