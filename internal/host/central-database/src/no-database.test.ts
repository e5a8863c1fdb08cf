import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.fixture.ts";
import { explainOpen } from "./open-messages.ts";
import { centralFile, openCentral } from "./open-central.ts";

/** A data folder with the folder of a group, and without a database. */
const withGroupFolder = (): string => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "groups", "team"), { recursive: true });
  return dataDir;
};

test("openCentral refuses a missing database if there are folders of groups, and makes no database", async () => {
  const dataDir = withGroupFolder();
  const file = centralFile(dataDir);
  const opened = await openCentral(dataDir);
  expect(opened).toEqual({ ok: false, error: { code: "database-emptied", file } });
  if (!opened.ok) expect(explainOpen(opened.error).message).toContain(file);
  expect(existsSync(file)).toBe(false);
});

test("openCentral refuses a database of 0 bytes if there are folders of groups", async () => {
  const dataDir = withGroupFolder();
  writeFileSync(centralFile(dataDir), "");
  expect(await openCentral(dataDir)).toMatchObject({ ok: false, error: { code: "database-emptied" } });
  expect(statSync(centralFile(dataDir)).size).toBe(0);
});

test("openCentral opens a database without rows if there are folders of groups", async () => {
  const dataDir = temporaryFolder();
  await (await openedCentral(dataDir)).close();
  mkdirSync(join(dataDir, "groups", "team"), { recursive: true });
  await openedCentral(dataDir);
});

test("openCentral opens an empty file if there are no folders of groups", async () => {
  const dataDir = temporaryFolder();
  writeFileSync(centralFile(dataDir), "");
  expect((await openedCentral(dataDir)).backup).toBeNull();
});
