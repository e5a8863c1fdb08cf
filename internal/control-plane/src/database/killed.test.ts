// @module-tag soak
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, inject, test } from "vitest";
import { openSqlite } from "@gatehouse/sqlite";
import { runKilled } from "@gatehouse/test-kit";
import { openedCentral, schemaText, temporaryFolder } from "./central.fixture.ts";
import { schemaOf } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { addRow } from "./sample-rows.fixture.ts";
import { rowsOfStep, slow, slowSteps } from "./slow-steps.fixture.ts";
import type { CentralTables } from "./tables.ts";

const program = inject("programs")["bring-up"];

/** A data folder at the present version, with a group in it. */
const present = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups");
  await close();
  return dataDir;
};

/** What is in the database: its version, and how many rows each slow step left. */
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
  "a kill -9 in the middle of the migrations leaves a database that opens, every step in it whole or not at all",
  { tags: ["slow"] },
  async () => {
    const { ms: whole } = await runKilled(program, [await present()], null);
    let inTheMiddle = 0;
    // A busy machine is slower in one run than in the next: more runs, until a kill has struck in the middle.
    for (let run = 0; run < 15 || (inTheMiddle === 0 && run < 60); run++) {
      const afterMs = (whole * ((run % 15) + Math.random())) / 15;
      const dataDir = await present();
      await runKilled(program, [dataDir], afterMs);
      const { version, rows } = await schemaAndRows(centralFile(dataDir));
      if (version > migrations.length && version < slowSteps.length) inTheMiddle += 1;
      const done = version - migrations.length;
      expect({ afterMs, rows }).toEqual({ afterMs, rows: Array.from({ length: done }, () => rowsOfStep) });
      for (const name of backupsOf(dataDir)) {
        const copy = await schemaAndRows(join(dataDir, "backups", name));
        expect({ afterMs, ...copy }).toEqual({ afterMs, version: migrations.length, rows: [] });
      }
      const again = await openCentral(dataDir, undefined, slowSteps);
      if (!again.ok) expect.fail(JSON.stringify(again.error));
      expect(await again.value.db.selectFrom("agent_groups").select("id").execute()).toEqual([
        { id: "ag-1" },
      ]);
      await again.value.close();
      expect((await schemaAndRows(centralFile(dataDir))).version).toBe(slowSteps.length);
    }
    // Otherwise no kill struck in the middle, and the test has shown nothing.
    expect(inTheMiddle).toBeGreaterThan(0);
  },
);

const backupsOf = (dataDir: string): readonly string[] =>
  readdirSync(dataDir).includes("backups")
    ? readdirSync(join(dataDir, "backups")).filter((name) => name.endsWith(".db"))
    : [];

test(
  "three that make the same database at once all end with the present one",
  { tags: ["slow"] },
  async () => {
    const dataDir = temporaryFolder();
    const ended = await Promise.all([1, 2, 3].map(() => runKilled(program, [dataDir], null)));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { version, rows } = await schemaAndRows(centralFile(dataDir));
    expect({ version, rows }).toEqual({
      version: slowSteps.length,
      rows: Array.from({ length: slow }, () => rowsOfStep),
    });
  },
);
