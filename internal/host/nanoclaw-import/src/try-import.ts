import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainOpen, openCentralAt, readCentral, type CentralPlace } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import { explainConflicts } from "./import-messages.ts";
import type { ImportFailure, ImportReport } from "./import-report.ts";
import { importSource, conflictsOf, type ImportDeps, type Source } from "./import-nanoclaw.ts";

/**
 * Returns the report of `importNanoclaw` without writing into the data folder or its database: imports into a new database
 * in a temporary folder, and removes both. A host may be running.
 */
export const tryImport = async (
  place: CentralPlace,
  deps: ImportDeps,
  source: Source,
): Promise<Result<ImportReport, ImportFailure>> => {
  const found = await readCentral(place, (db) => conflictsOf(db, deps.dataDir, source));
  if (!found.ok) return found;
  const conflicts = found.value ?? (await conflictsOf(null, deps.dataDir, source));
  if (conflicts.length > 0) return { ok: false, error: explainConflicts(conflicts) };
  const workDir = await mkdtemp(join(tmpdir(), "gatehouse-import-"));
  try {
    const scratch = await openCentralAt({ dataDir: workDir, database: null }, deps.now);
    if (!scratch.ok) return { ok: false, error: explainOpen(scratch.error) };
    try {
      return await importSource(scratch.value.db, deps, source, { workDir, isDry: true });
    } finally {
      await scratch.value.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
};
