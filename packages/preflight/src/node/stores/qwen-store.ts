import { dirname, join } from "node:path";
import process from "node:process";
import { asksForTrust, qwenDecidingRule } from "../../providers/qwen-trust.ts";
import { folderRules, trustedFolders } from "./folder-rules.ts";
import { readConfiguration, readProjectFiles } from "../plan/read-project-files.ts";
import type { StateContext, TrustStore } from "./trust-store.ts";

const projectSettings = ".qwen/settings.json";

/** Qwen's trustedFolders.json, at the path where 0.15.10 and 0.24.4 read it, and the setting that makes Qwen ask. */
export const qwenStore: TrustStore = {
  file: (context) =>
    context.env["QWEN_CODE_TRUSTED_FOLDERS_PATH"] || join(qwenFolder(context), "trustedFolders.json"),
  read: (context) => {
    const [weaker, user, system] = userSettings(context);
    const entryOf = folderRules(qwenStore.file(context), qwenDecidingRule);
    return (paths) => {
      const files = [weaker, user, join(paths.real, projectSettings), system];
      const contents = files.map((file) => readConfiguration(file)?.content ?? { parsed: {} });
      const settings = contents.map((content) => ("parsed" in content ? content.parsed : alwaysAsks));
      if (asksForTrust(settings)) return entryOf(paths);
      const why = `Qwen Code asks only where security.folderTrust.enabled is true in ${user}.`;
      return { key: paths.real, verdict: { code: "not-asked", why } };
    };
  },
  trustedKeys: (context) => trustedFolders(qwenStore.file(context)),
  keyOf: ({ real }) => real,
  projectFiles: ({ real }) => readProjectFiles([real], [projectSettings]),
  // 0.15.10 writes back all folders that it read at start: two preflights at once lost 3 of 12. 0.24.4 reads them again.
  runsAlone: true,
  pack: async () => (await import("@trust/dialog-engine/packs")).qwenPack,
};

/** Unreadable settings may enable the dialog, so we do not claim that Qwen does not ask. */
const alwaysAsks = { security: { folderTrust: { enabled: true } } };

const qwenFolder = ({ env, home }: StateContext): string => env["QWEN_HOME"] || join(home, ".qwen");

/**
 * Settings outside the project: the system's defaults, the user's, and the system's own, which override all
 * others.
 */
const userSettings = (context: StateContext): readonly [string, string, string] => {
  const system = context.env["QWEN_CODE_SYSTEM_SETTINGS_PATH"] || systemSettings;
  const defaults =
    context.env["QWEN_CODE_SYSTEM_DEFAULTS_PATH"] || join(dirname(system), "system-defaults.json");
  return [defaults, join(qwenFolder(context), "settings.json"), system];
};

const systemSettings =
  process.platform === "darwin"
    ? "/Library/Application Support/QwenCode/settings.json"
    : "/etc/qwen-code/settings.json";
