export { closedFolder, dataFolderFix, explainUnusable } from "./closed-folder.ts";
export {
  cliHomes,
  type DataFolderProblem,
  dataFolder,
  homeOf,
  ledgerFile,
  prepareDataFolder,
} from "./data-folder.ts";
export { diskSpace, lowDiskFix, sizeText, spaceText, type DiskSpace } from "./disk-space.ts";
export { type FileLock, type FileLockError, acquireFileLock, loadNative } from "./file-lock.ts";
export { inFolder, kindOfEntry, moveAside, openEntry, readEntry, type HeldFolder } from "./held-folder.ts";
export { changeKeptFile, readIfChanged, readKeptFile } from "./kept-file.ts";
export { makeFolder } from "./make-folder.ts";
export { type OwnFileError, openOwnFile } from "./own-file.ts";
export { pause } from "./pause.ts";
export { type PrivateList, privateList, type SecretsError } from "./private-file.ts";
export { openPlainFile, readPlainFile, readPlainFileSync } from "./plain-file.ts";
export { replaceFile } from "./replace-file.ts";
export { ownerAt, unsafeFolder } from "./unsafe-folder.ts";
export { type UnsafePlace, describeUnsafe, explainUnsafe, fileProblem } from "./unsafe-place.ts";
export { writeRecording } from "./write-recording.ts";
