import { join } from "node:path";
import { asksForTrust } from "../qwen-trust.ts";
import { folderRules } from "./folder-rules.ts";
import { readConfiguration } from "./read-project-files.ts";
import type { TrustRecord } from "./trust-record.ts";

/** Qwen's trustedFolders.json, where 0.24.4 looks for it, and the setting without which nobody is asked. */
export const qwenRecord: TrustRecord = {
  file: ({ home }) => join(home, ".qwen", "trustedFolders.json"),
  read: (context) => {
    const file = join(context.home, ".qwen", "settings.json");
    const content = readConfiguration(file)?.content ?? { parsed: {} };
    const why = `Qwen Code asks only where security.folderTrust.enabled is true in ${file}.`;
    if ("parsed" in content && !asksForTrust(content.parsed))
      return (real) => ({ key: real, verdict: { code: "not-asked", why } });
    return folderRules(qwenRecord.file(context));
  },
  projectFiles: [".qwen/settings.json"],
  pack: async () => (await import("@trust/dialog-engine")).qwenPack,
};
