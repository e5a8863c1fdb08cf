import process from "node:process";
import type { Machine } from "../../ports.ts";
import { machineJournals } from "./journals.ts";
import { loadUsersFile } from "../users-file/load-users-file.ts";
import { realFiles } from "./real-files.ts";
import { runProgram } from "./run-program.ts";

const platform = process.platform === "darwin" ? "darwin" : "linux";

/** The machine that this process runs on. */
export const thisMachine: Machine = {
  platform,
  uid: process.getuid?.() ?? -1,
  files: realFiles,
  run: runProgram,
  journals: machineJournals(platform),
  loadUsers: loadUsersFile,
};
