export { keyFileVariable, makeSettingsKey, readSettingsKey, type SettingsKey } from "./settings-key.ts";
export {
  jsonFilesIn,
  resealAll,
  settingsSharing,
  type ResealProblem,
  type SharedFile,
  type SharedState,
  type ShareOptions,
} from "./share-settings.ts";
