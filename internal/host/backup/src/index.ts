export type { Decrypter } from "age-encryption";
export type { BackupError } from "./backup-error.ts";
export { explainBackup } from "./backup-messages.ts";
export { decrypterOf, encrypterFor, type Keys, type Recipients } from "./encryption.ts";
export { openBackup, type OpenBackup, type ReadBackup } from "./read-backup.ts";
export { restoreBackup, verifyBackup, type RestoreOptions } from "./restore-backup.ts";
export { writeBackup, type Backup } from "./write-backup.ts";
