// @module-tag soak
import { existsSync } from "node:fs";
import { sql, type Kysely } from "kysely";
import { expect, inject, test } from "vitest";
import { openSqlite } from "@gatehouse/sqlite";
import { runKilled } from "./killed-program.fixture.ts";
import { openedCentral, schemaText, temporaryFolder } from "./central.fixture.ts";
import { rowsOfOneMore, withOneMore } from "./one-more.fixture.ts";
import { centralFile } from "./open-central.ts";
import type { CentralTables } from "./tables.ts";

const program = inject("programs")["open-later"];

/** The schema of a database, and the number of rows that its last migration wrote. */
type Made = { readonly schema: Awaited<ReturnType<typeof schemaText>>; readonly rows: number };

const madeIn = async (db: Kysely<CentralTables>): Promise<Made> => {
  const schema = await schemaText(db);
  if (!("one_more" in schema)) return { schema, rows: 0 };
  const { rows } = await sql<{ count: number }>`select count(*) as count from one_more`.execute(db);
  return { schema, rows: rows[0]?.count ?? 0 };
};

/** The whole schema, made without a kill. */
const whole = async (): Promise<Made> => madeIn((await openedCentral(temporaryFolder(), withOneMore)).db);

/** The tables that a killed program left, apart from those in which Kysely keeps the names of migrations. */
const leftBehind = async (dataDir: string): Promise<Made> => {
  const opened = await openSqlite<CentralTables>(centralFile(dataDir));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const made = await madeIn(opened.value.db);
  await opened.value.close();
  return made;
};

test(
  "a kill -9 during the creation of a database leaves the whole schema or no table, and the next start completes it",
  { tags: ["slow"] },
  async () => {
    const expected = await whole();
    const { ms } = await runKilled(program, [temporaryFolder()], null);
    let inTheMiddle = 0;
    // Run times differ on a busy machine, so repeat until a kill has struck before the commit.
    for (let run = 0; run < 15 || (inTheMiddle === 0 && run < 60); run++) {
      const afterMs = (ms * ((run % 15) + Math.random())) / 15;
      const dataDir = temporaryFolder();
      await runKilled(program, [dataDir], afterMs);
      if (existsSync(centralFile(dataDir))) {
        const made = await leftBehind(dataDir);
        const isWhole = "one_more" in made.schema;
        if (isWhole) expect({ afterMs, ...made }).toEqual({ afterMs, ...expected });
        else expect(Object.keys(made.schema).filter((name) => !/schema_version/.test(name))).toEqual([]);
        if (!isWhole) inTheMiddle += 1;
      }
      const again = await openedCentral(dataDir, withOneMore);
      expect(await madeIn(again.db)).toEqual(expected);
      await again.close();
    }
    // Otherwise no kill struck while the database was made, and the test has shown nothing.
    expect(inTheMiddle).toBeGreaterThan(0);
  },
);

test(
  "three programs that make the same database at once all succeed, and each migration runs once",
  { tags: ["slow"] },
  async () => {
    const dataDir = temporaryFolder();
    const ended = await Promise.all([1, 2, 3].map(() => runKilled(program, [dataDir], null)));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { db } = await openedCentral(dataDir, withOneMore);
    expect(await madeIn(db)).toEqual({ ...(await whole()), rows: rowsOfOneMore });
  },
);
