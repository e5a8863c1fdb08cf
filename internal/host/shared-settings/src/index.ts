export { keyFileVariable, makeSettingsKey, readSettingsKey, type SettingsKey } from "./settings-key.ts";
export { resealAll, settingsSharing, sharedFiles, type ShareOptions } from "./share-settings.ts";
