// @module-tag soak
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, inject, test } from "vitest";
import { openSqlite } from "@gatehouse/sqlite";
import { runKilled } from "./killed-program.fixture.ts";
import { openedCentral, schemaText, temporaryFolder } from "./central.fixture.ts";
import { schemaOf } from "./migrate.ts";
import { newestVersion } from "./migrations/index.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { addRow } from "./sample-rows.fixture.ts";
import { rowsOfStep, slow, slowSteps } from "./slow-steps.fixture.ts";
import type { CentralTables } from "./tables.ts";

const program = inject("programs")["bring-up"];

/** A data folder whose database has the present version and a group. */
const present = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups");
  await close();
  return dataDir;
};

/** The version of the database, and the number of rows in the table of each slow step. */
const schemaAndRows = async (file: string): Promise<{ version: number; rows: readonly number[] }> => {
  const opened = await openSqlite<CentralTables>(file, { readOnly: true });
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  const schema = await schemaOf(db);
  if (schema.kind !== "ours") expect.fail(schema.kind);
  const tables = Object.keys(await schemaText(db)).filter((name) => name.startsWith("slow_"));
  const rows: number[] = [];
  for (const table of tables) {
    const counted = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
      db,
    );
    rows.push(counted.rows[0]?.count ?? 0);
  }
  await close();
  return { version: schema.version, rows };
};

test(
  "kill -9 during the migrations leaves a database that opens, with each step done completely or not at all",
  { tags: ["slow"] },
  async () => {
    const { ms: whole } = await runKilled(program, [await present()], null);
    let inTheMiddle = 0;
    // Run times differ on a busy machine, so repeat until a kill has struck between two steps.
    for (let run = 0; run < 15 || (inTheMiddle === 0 && run < 60); run++) {
      const afterMs = (whole * ((run % 15) + Math.random())) / 15;
      const dataDir = await present();
      await runKilled(program, [dataDir], afterMs);
      const { version, rows } = await schemaAndRows(centralFile(dataDir));
      if (version > newestVersion && version < newestVersion + slow) inTheMiddle += 1;
      const done = version - newestVersion;
      expect({ afterMs, rows }).toEqual({ afterMs, rows: Array.from({ length: done }, () => rowsOfStep) });
      for (const name of backupsOf(dataDir)) {
        const copy = await schemaAndRows(join(dataDir, "backups", name));
        expect({ afterMs, ...copy }).toEqual({ afterMs, version: newestVersion, rows: [] });
      }
      const again = await openCentral(dataDir, undefined, slowSteps);
      if (!again.ok) expect.fail(JSON.stringify(again.error));
      expect(await again.value.db.selectFrom("agent_groups").select("id").execute()).toEqual([
        { id: "ag-1" },
      ]);
      await again.value.close();
      expect((await schemaAndRows(centralFile(dataDir))).version).toBe(newestVersion + slow);
    }
    // Otherwise no kill struck between two steps, and the test has shown nothing.
    expect(inTheMiddle).toBeGreaterThan(0);
  },
);

const backupsOf = (dataDir: string): readonly string[] =>
  readdirSync(dataDir).includes("backups")
    ? readdirSync(join(dataDir, "backups")).filter((name) => name.endsWith(".db"))
    : [];

test(
  "three programs that create the same database at once all succeed, and each step is done once",
  { tags: ["slow"] },
  async () => {
    const dataDir = temporaryFolder();
    const ended = await Promise.all([1, 2, 3].map(() => runKilled(program, [dataDir], null)));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { version, rows } = await schemaAndRows(centralFile(dataDir));
    expect({ version, rows }).toEqual({
      version: newestVersion + slow,
      rows: Array.from({ length: slow }, () => rowsOfStep),
    });
  },
);
