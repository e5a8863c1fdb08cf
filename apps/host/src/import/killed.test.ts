// @module-tag soak
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, inject, onTestFinished, test } from "vitest";
import {
  at,
  hostsOnServer,
  newAddress,
  openedCentral,
  runKilled,
  temporaryFolder,
} from "@gatehouse/central-database/testing";
import { startUpBackfill } from "@gatehouse/group-setup";
import { imported, nanoclawFolder } from "./nanoclaw.fixture.ts";

const program = inject("programs")["import-once"];
const files = 40;

/** A nanoclaw folder with many files in one group, so that a kill can happen while they are copied. */
const largeFolder = (): string => {
  const folder = nanoclawFolder();
  for (let file = 0; file < files; file++)
    writeFileSync(join(folder, "groups", "research", `file-${file}`), "x".repeat(50_000));
  return folder;
};

/** A new data folder. On a server it also gets a new, empty database; a database file is in the folder anyway. */
const nextFolder = async (): Promise<string> => {
  const schema = hostsOnServer ? await newAddress() : null;
  if (schema !== null) {
    process.env["GATEHOUSE_DATABASE"] = schema.address.url;
    onTestFinished(schema.drop);
  }
  return temporaryFolder();
};

test("a killed import is complete or undone after the next start of a host", { tags: ["slow"] }, async () => {
  const folder = largeFolder();
  const { ms: whole, code } = await runKilled(program, [await nextFolder(), folder], null);
  expect(code).toBe(0);
  let torn = 0;
  // The load of the machine changes the time of an import, so all kills of a round may come too early or too late.
  for (let run = 0; run < 12 || (torn === 0 && run < 48); run++) {
    const afterMs = (whole * ((run % 12) + Math.random())) / 12;
    const dataDir = await nextFolder();
    await runKilled(program, [dataDir, folder], afterMs);
    if (existsSync(join(dataDir, "groups", ".importing"))) torn += 1;
    const { db, close } = await openedCentral(dataDir);
    await startUpBackfill(db, dataDir, () => at);
    const groups = (await db.selectFrom("agent_groups").selectAll().execute()).length;
    const folders = existsSync(join(dataDir, "groups")) ? readdirSync(join(dataDir, "groups")) : [];
    expect({ afterMs, groups, folders: folders.length }).toEqual(
      groups === 0 ? { afterMs, groups: 0, folders: 0 } : { afterMs, groups: 6, folders: 7 },
    );
    await close();
    if (groups === 0) expect((await imported(dataDir, folder)).taken.agent_groups).toBe(6);
    expect(readdirSync(join(dataDir, "groups", "research"))).toHaveLength(files + 3);
  }
  // The test needs at least one kill during the copying.
  expect(torn).toBeGreaterThan(0);
});
