export {
  patchClaudeArgs,
  patchCodexArgs,
  patchConfigOverrides,
  type Applied,
  type CodexLaunch,
  type PatchDiagnostic,
  type PatchRefusal,
} from "./apply-patches.ts";
export { renderCodexArgs, type CodexArgs } from "./codex-args.ts";
export { configChange, type ConfigChange, type ConfigSnapshot } from "./config-change.ts";
export {
  buildOverrides,
  type Accepted,
  type CodexConfigOverride,
  type Rejection,
  type RejectionCode,
} from "./config-override.ts";
export { explain, type Problem, type ReadError } from "./problem-messages.ts";
export { inlineToml } from "./inline-toml.ts";
export { type TomlTable, type TomlValue } from "./toml-value.ts";
export { type FolderContext, type FolderProblem, type Platform } from "./folder-rules.ts";
export {
  directCliPatch,
  nativeOverridePatch,
  settingsPatch,
  type Dialect,
  type InlineSettings,
  type PatchOf,
  type PatchRequest,
  type TrustSurface,
  type WorkspaceTrustLaunchArgPatch,
} from "./launch-arg-patch.ts";
export { splitSettings } from "./settings-argument.ts";
export { limits, type TooLong } from "./limits.ts";
export { entriesToRepeat, type ProjectEntries } from "./project-entries.ts";
export {
  type CodexTrust,
  type ConfiguredProblem,
  type RenderError,
  type RespectedFolder,
} from "./projects-override.ts";
export type { Result } from "@gatehouse/std";
export {
  mergeSettings,
  readTrustSettings,
  trustSettings,
  type CodexTrustSettings,
  type ReadTrust,
  type Settings,
  type SettingsProblem,
} from "./trust-settings.ts";
export {
  findEntry,
  trustEntries,
  untrustedFolders,
  type EntryFound,
  type TrustEntries,
  type TrustLevel,
} from "./trust-entries.ts";
export { untrustedOverride } from "./untrusted-override.ts";
