export { keyFileVariable, makeSettingsKey, readSettingsKey, type SettingsKey } from "./settings-key.ts";
export {
  firstShared,
  jsonFilesIn,
  resealAll,
  settingsSharing,
  type Resealed,
  type SharedFile,
  type SharedState,
  type ShareOptions,
} from "./share-settings.ts";
