import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainOpen, openCentralAt, readCentral, type CentralPlace } from "@gatehouse/control-plane";
import type { Result } from "@gatehouse/std";
import { explainConflicts } from "./explain-import.ts";
import type { ImportFailure, ImportReport } from "./import-report.ts";
import { bringIn, conflictsOf, readNanoclaw, type ImportDeps } from "./import-nanoclaw.ts";

/**
 * Tells what `importNanoclaw` would, and writes nothing into the data folder or its database: the import runs
 * into a database of its own in a scratch folder, which is removed. Also while a host runs.
 */
export const tryImport = async (
  place: CentralPlace,
  deps: ImportDeps,
  folder: string,
): Promise<Result<ImportReport, ImportFailure>> => {
  const source = await readNanoclaw(folder, deps.now());
  if (!source.ok) return source;
  const there = await readCentral(place, (db) => conflictsOf(db, deps.dataDir, source.value));
  if (!there.ok) return there;
  const conflicts = there.value ?? (await conflictsOf(null, deps.dataDir, source.value));
  if (conflicts.length > 0) return { ok: false, error: explainConflicts(conflicts) };
  const workDir = await mkdtemp(join(tmpdir(), "gatehouse-import-"));
  try {
    const scratch = await openCentralAt({ dataDir: workDir, database: null }, deps.now);
    if (!scratch.ok) return { ok: false, error: explainOpen(scratch.error) };
    try {
      return await bringIn(scratch.value.db, deps, source.value, { workDir, isDry: true });
    } finally {
      await scratch.value.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
};
