import process from "node:process";
import type { Machine } from "../../ports.ts";
import { openJournalFile } from "./journal-file.ts";
import { loadUsersFile } from "../users-file/load-users-file.ts";
import { realFiles } from "./real-files.ts";
import { runProgram } from "./run-program.ts";

/** The machine that this process runs on. */
export const thisMachine: Machine = {
  platform: process.platform === "darwin" ? "darwin" : "linux",
  uid: process.getuid?.() ?? -1,
  files: realFiles,
  run: runProgram,
  openJournal: openJournalFile,
  loadUsers: loadUsersFile,
};
