import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { openedCentral, temporaryFolder, at } from "../database/central.fixture.ts";
import { hostBed, operator } from "../dispatch/host.fixture.ts";
import { startUpBackfill } from "../groups/start-up-backfill.ts";

const nobody = 65_534;

/** Root may remove anything: from here on the test's files belong to somebody who may not. */
const beSomebody = (folder: string): void => {
  if (process.geteuid?.() !== 0) return;
  chownSync(folder, nobody, nobody);
  process.seteuid?.(nobody);
  onTestFinished(() => process.seteuid?.(0));
};

test("a group is deleted although its folder cannot be: that is reported, and nobody is told that nothing was changed", async () => {
  const { ask, dataDir, bugs } = await hostBed();
  mkdirSync(join(dataDir, "groups", "team"), { recursive: true });
  writeFileSync(join(dataDir, "groups", ".purging"), "in the way");
  expect(await ask(operator, "groups", "delete", "ag-team", "--purge")).toMatchObject({ ok: true });
  expect(await ask(operator, "groups", "get", "ag-team")).toMatchObject({ ok: false, code: "not-found" });
  expect(bugs.splice(0).map(String)).toEqual([
    expect.stringMatching(/groups\/team, the folder of a deleted group, could not be removed whole \(EEXIST/),
  ]);
});

test("a host starts although it cannot remove what an agent left in a deleted group's folder, and says so", async () => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  beSomebody(dataDir);
  const closed = join(dataDir, "groups", ".purging", "purged-1", "closed");
  const other = join(dataDir, "groups", ".purging", "purged-2");
  for (const folder of [closed, other]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(closed, "file"), "");
  chmodSync(closed, 0o000);
  onTestFinished(() => chmodSync(closed, 0o700));
  expect(await startUpBackfill(db, dataDir, () => at)).toEqual([
    expect.stringMatching(/purged-1, the folder of a deleted group, could not be removed whole \(EACCES/),
  ]);
  expect(existsSync(other)).toBe(false);
});
