import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.fixture.ts";
import { copyCentral } from "./copy-central.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { readCentral } from "./read-central.ts";
import { tryUpgrade } from "./upgrade/try-upgrade.ts";

/**
 * Makes a central database in a data folder. It is made elsewhere and copied, since this process may keep files
 * that it opened itself open until it ends.
 */
const makeDatabase = async (dataDir: string): Promise<void> => {
  const made = temporaryFolder();
  await (await openedCentral(made)).close();
  cpSync(centralFile(made), centralFile(dataDir));
};

// As a folder of another account does, but also for root.
test("a path at which nobody can look is no missing database", async () => {
  const dataDir = temporaryFolder();
  symlinkSync("gatehouse.db", centralFile(dataDir));
  const unusable = { ok: false, error: { code: "database-unusable" } };
  expect(await tryUpgrade(dataDir)).toMatchObject(unusable);
  expect(await readCentral({ dataDir, database: null }, async () => 1)).toMatchObject(unusable);
  expect(await copyCentral(dataDir, join(temporaryFolder(), "copy"), (open) => open())).toMatchObject(
    unusable,
  );
});

describe("openCentral and paths that are not files", () => {
  test.for(["", "-wal", "-shm", "-journal"])(
    "refuses a pipe as gatehouse.db%s without waiting for it",
    { tags: ["slow"] },
    async (suffix) => {
      const dataDir = temporaryFolder();
      if (suffix !== "") await makeDatabase(dataDir);
      execFileSync("mkfifo", [`${centralFile(dataDir)}${suffix}`]);
      const node = [inject("programs")["open-later"], dataDir];
      const { stdout, signal } = spawnSync(process.execPath, node, { encoding: "utf8", timeout: 240_000 });
      expect(signal).toBeNull();
      expect(JSON.parse(stdout.replace("begin\n", ""))).toMatchObject({
        code: "database-unusable",
        detail:
          suffix === ""
            ? "it is not a regular file"
            : `${centralFile(dataDir)}${suffix} is not a regular file`,
      });
    },
  );

  test("refuses a link as the write-ahead log, and opens a database that is a link", async () => {
    const [dataDir, elsewhere, later] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await makeDatabase(elsewhere);
    symlinkSync(centralFile(elsewhere), centralFile(dataDir));
    await (await openedCentral(dataDir)).close();
    await makeDatabase(later);
    rmSync(centralFile(dataDir));
    symlinkSync(centralFile(later), centralFile(dataDir));
    symlinkSync(join(elsewhere, "victim"), `${centralFile(later)}-wal`);
    expect(await openCentral(dataDir)).toMatchObject({ error: { code: "database-unusable" } });
  });
});
