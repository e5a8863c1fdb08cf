import { join } from "node:path";
import { decidingRule, geminiTrustVariable } from "../gemini-trust.ts";
import type { Environment } from "../index.ts";
import { folderRules, trustedFolders } from "./folder-rules.ts";
import { readProjectFiles } from "./read-project-files.ts";
import type { Recorded, TrustRecord } from "./trust-record.ts";

/** Gemini's trustedFolders.json, where 0.61.0 looks for it. */
export const geminiRecord: TrustRecord = {
  file: ({ env, home }) =>
    env["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] ||
    join(env["GEMINI_CLI_HOME"] || home, ".gemini", "trustedFolders.json"),
  read: (context) => {
    const recordedOf = folderRules(geminiRecord.file(context), decidingRule);
    return (paths) => {
      const recorded = recordedOf(paths);
      if (recorded?.verdict.code === "state-unreadable") return recorded;
      return restricted(context.env, recorded?.key ?? paths.real) ?? recorded;
    };
  },
  trustedKeys: (context) => trustedFolders(geminiRecord.file(context)),
  keyOf: ({ real }) => real,
  projectFiles: ({ real }) => readProjectFiles([real], [".gemini/settings.json"]),
  pack: async () => (await import("@trust/dialog-engine/packs")).geminiPack,
};

/** What the caller's own environment rules out: Gemini looks there first (0.61.0). */
const restricted = (env: Environment, key: string): Recorded | null => {
  const isOff = env["GEMINI_RESTRICTED_MODE"] === "true";
  if (!isOff && env[geminiTrustVariable] !== "false") return null;
  const file = isOff ? "GEMINI_RESTRICTED_MODE" : geminiTrustVariable;
  return { key, verdict: { code: "untrusted-by-user", key, file } };
};
