/** Why a backup was not made, verified or restored. `file` is the backup. */
export type BackupError =
  /** Something is at the path of the new backup. Nothing was written there. */
  | { readonly code: "file-exists"; readonly file: string }
  /** The new backup would be a part of the data folder. */
  | { readonly code: "file-in-data-folder"; readonly file: string }
  /** The backup cannot be written. `detail` is the system's error. */
  | { readonly code: "backup-unwritable"; readonly file: string; readonly detail: string }
  /** The backup or a file with a key cannot be read. */
  | { readonly code: "backup-unreadable"; readonly file: string; readonly detail: string }
  | { readonly code: "not-a-backup"; readonly file: string }
  | { readonly code: "backup-cut"; readonly file: string }
  /** Bytes were changed. `paths` are the files that it concerns, if that could be found out. */
  | { readonly code: "backup-damaged"; readonly file: string; readonly paths: readonly string[] }
  | { readonly code: "backup-encrypted"; readonly file: string }
  | { readonly code: "wrong-key"; readonly file: string }
  | {
      readonly code: "newer-backup";
      readonly file: string;
      /** The version of the program that wrote the backup. */
      readonly version: string;
      /** What this program does not know: the format, or the schema of the database. */
      readonly found: string;
      readonly known: string;
    }
  | {
      readonly code: "older-backup";
      readonly file: string;
      readonly version: string;
      readonly schema: string;
    }
  | { readonly code: "backup-database"; readonly file: string; readonly detail: string }
  | { readonly code: "folder-not-empty"; readonly dataDir: string }
  | { readonly code: "restore-failed"; readonly dataDir: string; readonly detail: string }
  | { readonly code: "cancelled"; readonly file: string };
