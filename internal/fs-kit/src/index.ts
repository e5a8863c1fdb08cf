export { type DataFolderProblem, dataFolder, homeOf, ledgerFile, prepareDataFolder } from "./data-folder.ts";
export { type FileLock, type FileLockError, acquireFileLock, loadNative } from "./file-lock.ts";
export { makeFolder } from "./make-folder.ts";
export { type OwnFileError, openOwnFile } from "./own-file.ts";
export { pause } from "./pause.ts";
export { openPlainFile, readPlainFile, readPlainFileSync } from "./plain-file.ts";
export { ownerAt, unsafeFolder } from "./unsafe-folder.ts";
export { type UnsafePlace, describeUnsafe, explainUnsafe, fileProblem } from "./unsafe-place.ts";
export { writeRecording } from "./write-recording.ts";
