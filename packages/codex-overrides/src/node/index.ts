export { configFile, type CodexPlace, type Environment } from "./config-file.ts";
export { snapshotConfig } from "./config-sentinel.ts";
export { locateFolder, trustKeys, type FolderPlaces } from "./locate-folder.ts";
export { folderContext, readCodexLaunch, readProjects, type CodexToStart } from "./read-trust.ts";
