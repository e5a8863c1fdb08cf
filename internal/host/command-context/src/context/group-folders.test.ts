import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { openedCentral, temporaryFolder, at } from "@gatehouse/central-database/testing";
import { hostBed, operator } from "@gatehouse/dispatch/testing";
import { startUpBackfill } from "@gatehouse/group-setup";

/** The uid of the account "nobody". */
const nobodyUid = 65_534;

/** Root may remove any file, so the test goes on as an account without that right. */
const dropRootRights = (folder: string): void => {
  if (process.geteuid?.() !== 0) return;
  chownSync(folder, nobodyUid, nobodyUid);
  process.seteuid?.(nobodyUid);
  onTestFinished(() => process.seteuid?.(0));
};

test("groups delete --purge succeeds even if the folder cannot be removed, and reports the folder", async () => {
  const { ask, dataDir, bugs } = await hostBed();
  mkdirSync(join(dataDir, "groups", "team"), { recursive: true });
  writeFileSync(join(dataDir, "groups", ".purging"), "in the way");
  expect(await ask(operator, "groups", "delete", "ag-team", "--purge")).toMatchObject({ ok: true });
  expect(await ask(operator, "groups", "get", "ag-team")).toMatchObject({ ok: false, code: "not-found" });
  expect(bugs.splice(0).map(String)).toEqual([
    expect.stringMatching(/groups\/team, the folder of a deleted group, could not be removed whole \(EEXIST/),
  ]);
});

test("a host that starts removes folders of deleted groups, and reports folders that it cannot remove", async () => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  dropRootRights(dataDir);
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
