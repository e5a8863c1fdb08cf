import { mkdirSync, readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { containerConfigStore } from "@nc/container-config/node";
import { openReading, type PostgresAddress } from "@gatehouse/postgres";
import { cuttingProxy } from "@gatehouse/postgres/testing";
import type { Kysely } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { at, openedCentral, temporaryFolder } from "../central.fixture.ts";
import { explainMove } from "./move-messages.ts";
import { migrations } from "../migrations/index.ts";
import { moveCentral } from "./move-central.ts";
import { markFile } from "./moved-mark.ts";
import { centralFile, openCentral } from "../open-central.ts";
import { openServer } from "../open-server.ts";
import { newAddress } from "../postgres.fixture.ts";
import { readCentral } from "../read-central.ts";
import { addRow, sampleTables } from "../sample-rows.fixture.ts";
import type { CentralTables } from "../tables.ts";

const now = (): string => at;

const newTarget = async (): Promise<PostgresAddress> => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  onTestFinished(schema.drop);
  return schema.address;
};

/** A data folder with a row in every table, and with more users than one insert statement takes. */
const usedFolder = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  for (const table of sampleTables) await addRow(db, table);
  for (let count = 0; count < 450; count += 1)
    await addRow(db, "users", { id: `test:${count}`, display_name: `${count}: ä"\\\n'` });
  const configs = containerConfigStore(db, { now });
  await configs.create("ag-1", { cpus: 0.1, packages_apt: ["git"] });
  await configs.updateScalars("ag-1", { cpus: 1.7 });
  await close();
  return dataDir;
};

describe.skipIf(process.env["GATEHOUSE_TEST_POSTGRES"] === undefined)(
  "moveCentral (skipped without GATEHOUSE_TEST_POSTGRES)",
  () => {
    test("copies every row unchanged, and leaves the file unchanged", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      const before = readFileSync(centralFile(dataDir));
      const moved = await moveCentral(dataDir, to, now);
      if (!moved.ok) expect.fail(JSON.stringify(explainMove(moved.error)));
      expect(moved.value.rows).toMatchObject({ users: 451, container_config_history: 2, agent_groups: 1 });
      expect(Object.values(moved.value.rows).filter((count) => count === 0)).toEqual([]);
      expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
      rmSync(markFile(dataDir));
      const [reading, source] = [await openReading<CentralTables>(to), await openedCentral(dataDir)];
      onTestFinished(() => reading.destroy());
      for (const table of ["users", "container_configs", "agent_groups"] as const) {
        const rows = (db: typeof reading) => db.selectFrom(table).selectAll().execute();
        const [sent, arrived] = [await rows(source.db), await rows(reading)];
        expect(new Set(arrived.map((row) => JSON.stringify(row)))).toEqual(
          new Set(sent.map((row) => JSON.stringify(row))),
        );
      }
    });

    test("leaves a mark that keeps every host from the file until it is removed", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      expect(await moveCentral(dataDir, to, now)).toMatchObject({ ok: true });
      const moved = { ok: false, error: { code: "database-moved", to: to.shown, at } };
      expect(await openCentral(dataDir)).toMatchObject(moved);
      expect(await moveCentral(dataDir, await newTarget(), now)).toMatchObject(moved);
      const users = (db: Kysely<CentralTables>) => db.selectFrom("users").select("id").execute();
      expect(await readCentral({ dataDir, database: null }, users)).toMatchObject({
        error: { code: "database-moved" },
      });
      const onServer = await readCentral({ dataDir, database: to }, users);
      expect(onServer.ok && onServer.value).toHaveLength(451);
      rmSync(markFile(dataDir));
      expect(await (await openedCentral(dataDir)).db.selectFrom("users").selectAll().execute()).toHaveLength(
        451,
      );
    });

    test("finds an equal copy after a kill before the mark, and only writes the mark", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      const first = await moveCentral(dataDir, to, now);
      rmSync(markFile(dataDir));
      expect(await moveCentral(dataDir, to, now)).toEqual(first);
      expect(await openCentral(dataDir)).toMatchObject({ error: { code: "database-moved" } });
    });

    test("refuses a copy on which a host has worked since", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      await moveCentral(dataDir, to, now);
      rmSync(markFile(dataDir));
      const central = await openServer(to, { dataDir, now });
      if (!central.ok) expect.fail(central.error.code);
      await central.value.db.updateTable("users").set({ display_name: "new" }).execute();
      await central.value.close();
      expect(await moveCentral(dataDir, to, now)).toEqual({
        ok: false,
        error: { code: "target-not-empty", database: to.shown },
      });
    });

    test("fails if the mark cannot be written, and the next run writes it", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      mkdirSync(`${markFile(dataDir)}.new`);
      const failed = await moveCentral(dataDir, to, now);
      expect(failed).toMatchObject({ error: { code: "mark-failed", mark: markFile(dataDir) } });
      rmSync(`${markFile(dataDir)}.new`, { recursive: true });
      expect(await moveCentral(dataDir, to, now)).toMatchObject({ ok: true });
    });

    test("leaves nothing on the server if the connection is cut at the commit, and the next move works", async () => {
      const [dataDir, to] = [await usedFolder(), await newTarget()];
      const ready = await openServer(to, { dataDir: null, now });
      if (ready.ok) await ready.value.close();
      const cut = { ...to, url: cuttingProxy(to.url, "before") };
      expect(await moveCentral(dataDir, cut, now)).toMatchObject({
        ok: false,
        error: { code: "database-unavailable" },
      });
      expect(await moveCentral(dataDir, to, now)).toMatchObject({ ok: true });
    });

    test.for([
      { what: "no database", make: async () => temporaryFolder(), code: "nothing-to-move" },
      {
        what: "an older schema",
        make: async () => {
          const dataDir = temporaryFolder();
          await (await openedCentral(dataDir, migrations.slice(0, -1))).close();
          return dataDir;
        },
        code: "older-schema",
      },
    ])("refuses a data folder with $what: $code", async ({ make, code }) => {
      const refused = await moveCentral(await make(), await newTarget(), now);
      expect(refused).toMatchObject({ ok: false, error: { code } });
      if (!refused.ok)
        expect(explainMove(refused.error)).toMatchObject({ code, fix: expect.any(String) as unknown });
    });
  },
);
