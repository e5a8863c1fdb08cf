import { join } from "node:path";
import { decidingRule, geminiTrustVariable } from "../../providers/gemini-trust.ts";
import type { Environment } from "../../index.ts";
import { folderRules, trustedFolders } from "./folder-rules.ts";
import { readProjectFiles } from "../plan/read-project-files.ts";
import type { TrustEntry, TrustStore } from "./trust-store.ts";

/** Gemini's trustedFolders.json, at the path where 0.61.0 reads it. */
export const geminiStore: TrustStore = {
  file: ({ env, home }) =>
    env["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] ||
    join(env["GEMINI_CLI_HOME"] || home, ".gemini", "trustedFolders.json"),
  read: (context) => {
    const entryOf = folderRules(geminiStore.file(context), decidingRule);
    return (paths) => {
      const entry = entryOf(paths);
      if (entry?.verdict.code === "state-unreadable") return entry;
      return restricted(context.env, entry?.key ?? paths.real) ?? entry;
    };
  },
  trustedKeys: (context) => trustedFolders(geminiStore.file(context)),
  keyOf: ({ real }) => real,
  projectFiles: ({ real }) => readProjectFiles([real], [".gemini/settings.json"]),
  pack: async () => (await import("@trust/dialog-engine/packs")).geminiPack,
};

/** The verdict if the caller's own environment rules out trust: Gemini checks these variables first (0.61.0). */
const restricted = (env: Environment, key: string): TrustEntry | null => {
  const isOff = env["GEMINI_RESTRICTED_MODE"] === "true";
  if (!isOff && env[geminiTrustVariable] !== "false") return null;
  const file = isOff ? "GEMINI_RESTRICTED_MODE" : geminiTrustVariable;
  return { key, verdict: { code: "untrusted-by-user", key, file } };
};
