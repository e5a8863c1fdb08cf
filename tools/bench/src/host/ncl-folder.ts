import { readdirSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";

/**
 * The folder in which the runner of a host's only session listens, as seen by its agent's child processes.
 * Builds before 2026-11-23 kept it in a file of the session.
 */
export const nclFolderIn = (dataDir: string): string => {
  const found = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
  const outbound = found.find((path) => path.endsWith("outbound.db"));
  const [file, table] =
    outbound === undefined ? ["gatehouse.db", "session_values"] : [outbound, "session_state"];
  const database = new Libsql(`file:${join(dataDir, file)}?mode=ro`, { timeout: 5_000 });
  const row: unknown = database.prepare(`select value from ${table} where key = 'ncl_folder'`).get();
  database.close();
  return JSON.parse((row as { readonly value: string }).value) as string;
};
