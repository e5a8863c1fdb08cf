import { statSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** Why a data folder cannot be used, for a person. */
type UnusableFolder = {
  readonly code: "data-folder-unusable";
  readonly message: string;
  readonly fix: string;
};

/** The fix for a data folder that cannot be used. `detail` begins with the system's code: `EACCES: ...`. */
export const dataFolderFix = (detail: string): string =>
  `${fixes.find(({ codes }) => codes.test(detail))?.fix ?? "free space on its disk, and make it writable for this account"}; or name another folder with --data`;

const fixes = [
  {
    codes: /^E(ACCES|PERM)\b/,
    fix: "run this as the account of its host (sudo -u ACCOUNT), or give this account the rights to it and to the folders above",
  },
  { codes: /^E(EXIST|NOTDIR|LOOP)\b/, fix: "a file or a link is where a folder has to be: move it away" },
];

/** Explains a data folder that cannot be used. `detail` begins with the system's code: `EACCES: ...`. */
export const explainUnusable = (dataDir: string, detail: string): UnusableFolder => ({
  code: "data-folder-unusable",
  message: `The data folder ${dataDir} cannot be used (${detail}).`,
  fix: dataFolderFix(detail),
});

/**
 * Looks at the data folder of a command that makes none. Null if this account may enter it; `missing` if nothing is there; else
 * the system's reason.
 */
export const closedFolder = <T>(dataDir: string, missing: T): T | UnusableFolder | null => {
  try {
    // The dot asks for the right to enter, and refuses a file.
    statSync(`${dataDir}/.`);
    return null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? missing : explainUnusable(dataDir, code);
  }
};
