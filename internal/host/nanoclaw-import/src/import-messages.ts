import { visible } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import type { Conflict } from "./conflicts.ts";
import type { ImportFailure } from "./import-report.ts";
import type { Confirmable } from "./rights-and-programs.ts";
import type { SourceError } from "./folder/read-source.ts";

/** Explains why the source was not read, with the fix. */
export const explainSource = (error: SourceError): Failure => {
  const { code } = error;
  switch (code) {
    case "not-a-nanoclaw-folder":
      return {
        code,
        message: `${error.folder} is not a nanoclaw folder (version 2): ${error.detail}.`,
        fix: "name the folder that contains data/v2.db and groups/",
      };
    case "source-in-use":
      return {
        code,
        message: `${error.file} could not be copied, because a program is writing to it.`,
        fix: "stop nanoclaw, and try again",
      };
    case "source-unreadable":
      return {
        code,
        message: `${error.file} cannot be read (${error.detail}).`,
        fix: "check the file's rights, and that nanoclaw still starts with the file",
      };
  }
};

export const explainConflicts = (conflicts: readonly Conflict[]): ImportFailure => ({
  code: "already-there",
  message: `Nothing was imported: ${conflicts.length} ${conflicts.length === 1 ? "item exists" : "items exist"} already.`,
  fix: "import into an empty data folder (--data DIR), or remove the listed items",
  conflicts: conflicts.map(visible),
});

export const explainUnconfirmed = (unconfirmed: Confirmable): ImportFailure => ({
  code: "not-confirmed",
  message:
    "Nothing was imported: the folder brings in rights, programs or tasks, which its agents may have written.",
  fix: "look at the list, and run it again with --yes if you want all of it; else remove it in nanoclaw first",
  unconfirmed: {
    rights: unconfirmed.rights.map(visible),
    programs: unconfirmed.programs.map(visible),
    tasks: unconfirmed.tasks.map(visible),
  },
});

export const explainCopy = (folder: string, detail: string): Failure => ({
  code: "copy-failed",
  message: `Nothing was imported: the folders of the groups in ${folder} could not be copied (${detail}).`,
  fix: "check the disk, and the rights of both folders",
});

export const explainSaving = (detail: string): Failure => ({
  code: "import-failed",
  message: `Nothing was imported: the central database could not save the rows (${detail}).`,
  fix: "check the disk, and the rights of the data folder",
});
