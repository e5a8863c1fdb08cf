import { dirname } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import { shellWord } from "@gatehouse/std";
import type { BackupError } from "./backup-error.ts";

/** Explains an error of a backup: the problem, the place and the fix. */
export const explainBackup = (error: BackupError): Failure => {
  const { code } = error;
  switch (code) {
    case "file-exists":
      return {
        code,
        message: `There is something at ${error.file} already, and a backup replaces nothing.`,
        fix: "name another file, such as gatehouse-$(date +%F).tar; or move that one away",
      };
    case "file-in-data-folder":
      return {
        code,
        message: `${error.file} is in the data folder, and each later backup would have all earlier ones in it.`,
        fix: "name a file elsewhere, best on another disk",
      };
    case "backup-unwritable":
      return {
        code,
        message: `The backup ${error.file} cannot be written (${error.detail}). Nothing is left of it.`,
        fix: error.detail.startsWith("ENOENT")
          ? `make its folder first: mkdir -p ${shellWord(dirname(error.file))}; or name a file elsewhere`
          : "make room on its disk and its folder writable, or name a file elsewhere; it needs room for the database twice",
      };
    case "backup-unreadable":
      return {
        code,
        message: `${error.file} cannot be read (${error.detail}).`,
        fix: unreadableFixes[systemCodeIn(error.detail)] ?? unreadableFix,
      };
    case "not-a-backup":
      return {
        code,
        message: `${error.file} is not a backup of gatehouse, or its first bytes were changed.`,
        fix: "name a file that gatehouse backup wrote",
      };
    case "backup-cut":
      return {
        code,
        message: `${error.file} ends too early: it was cut, for example by a full disk or an unfinished copy.`,
        fix: "copy it again from where it was made, or use another backup",
      };
    case "backup-damaged":
      return {
        code,
        message: `${error.file} is not as it was written${pathsText(error.paths)}.`,
        fix: "copy it again from where it was made, or use another backup",
      };
    case "backup-encrypted":
      return {
        code,
        message: `${error.file} is encrypted.`,
        fix: "add --identity FILE with the key of one of its recipients, or --passphrase-file FILE",
      };
    case "wrong-key":
      return {
        code,
        message: `The identity or passphrase does not open ${error.file}, or its first bytes were changed.`,
        fix: "name the identity of one of its recipients, or the file with its passphrase as its first line",
      };
    case "newer-backup":
      return {
        code,
        message: `${error.file} is of Gatehouse ${error.version} and has ${error.found}; this Gatehouse knows ${error.known}.`,
        fix: `use Gatehouse ${error.version}, or a later one`,
      };
    case "older-backup":
      return {
        code,
        message: `${error.file} is of Gatehouse ${error.version}, from before the first release, and this Gatehouse cannot read its schema ${error.schema}.`,
        fix: `use Gatehouse ${error.version}`,
      };
    case "backup-database":
      return {
        code,
        message: `The database in ${error.file} is damaged (${error.detail}).`,
        fix: "use another backup",
      };
    case "folder-not-empty":
      return {
        code,
        message: `There is something in ${error.dataDir} already, and a backup is restored only into a new folder. Nothing was changed.`,
        fix: "name a folder that does not exist with --data; or stop its host, and move that folder away",
      };
    case "restore-failed":
      return {
        code,
        message: `Nothing was restored to ${error.dataDir} (${error.detail}).`,
        fix: "make room on its disk, and the folder above it writable; or name another folder with --data",
      };
    case "cancelled":
      return { code, message: `Stopped. Nothing is left of it.` };
  }
};

/** The code with which a system's error begins: `ENOENT`. */
const systemCodeIn = (detail: string): string => /^E[A-Z0-9]+/.exec(detail)?.[0] ?? "";

/** By the system's code, what to do about a file that cannot be read. */
const unreadableFixes: Readonly<Record<string, string>> = {
  ENOENT: "no file is at this path: look for a mistake in it",
  EISDIR: "this is a folder: name a file in it",
  EACCES: "make it readable for this account: one made with sudo belongs to root",
};

const unreadableFix =
  "name a file that this account can read; or make room in the temporary folder, or set TMPDIR to another one";

/** How many paths a message names. */
const mostPaths = 5;

const pathsText = (paths: readonly string[]): string =>
  paths.length === 0
    ? ": bytes of it were changed"
    : `: changed are ${paths.slice(0, mostPaths).join(", ")}${paths.length > mostPaths ? `, and ${paths.length - mostPaths} more` : ""}`;
