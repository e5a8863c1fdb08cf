import process from "node:process";
import { darwinTable } from "./darwin-table.ts";
import { linuxTable } from "./linux-table.ts";
import type { ProcessTable } from "./process-table.ts";

/** Other systems have neither /proc nor macOS's ps: a process is identified by its number only. */
const unknownTable: ProcessTable = {
  find: () => null,
  all: () => null,
  boot: () => null,
  namespace: () => null,
  working: () => [],
};

const tables: Partial<Record<NodeJS.Platform, ProcessTable>> = { linux: linuxTable, darwin: darwinTable() };

export const processTable: ProcessTable = tables[process.platform] ?? unknownTable;
