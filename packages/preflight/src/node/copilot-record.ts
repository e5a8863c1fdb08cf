import { realpathSync } from "node:fs";
import { join } from "node:path";
import { coveringFolder, copilotFolders } from "../copilot-trust.ts";
import { readConfiguration } from "./read-project-files.ts";
import { systemCode } from "./system-code.ts";
import type { TrustRecord } from "./trust-record.ts";

const realOf = (folder: string): string => {
  try {
    return realpathSync.native(folder);
  } catch (error) {
    systemCode(error);
    return folder;
  }
};

/** Copilot's config.json, where 1.0.102 looks for it. */
export const copilotRecord: TrustRecord = {
  file: ({ env, home }) => join(env["COPILOT_HOME"] || join(home, ".copilot"), "config.json"),
  read: (context) => {
    const file = copilotRecord.file(context);
    const content = readConfiguration(file)?.content ?? { parsed: {} };
    return (real) => {
      if ("unreadable" in content) {
        const why = `It cannot be read (${content.unreadable}).`;
        return { key: real, verdict: { code: "state-unreadable", file, why } };
      }
      const key = coveringFolder(copilotFolders(content.parsed).map(realOf), real);
      const why = `${key} is trusted in ${file}.`;
      return key === null ? null : { key, verdict: { code: "already-trusted", why } };
    };
  },
  projectFiles: [],
  pack: async () => (await import("@trust/dialog-engine")).copilotPack,
};
