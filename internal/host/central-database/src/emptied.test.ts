import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.fixture.ts";
import { explainOpen } from "./open-messages.ts";
import { migrations } from "./migrations/index.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { addRow } from "./sample-rows.fixture.ts";

/**
 * Copies the files of a database that was closed. The test works on the copy, since this process may keep
 * files that it opened itself open until it ends.
 */
const leave = (from: string, to: string): void => {
  for (const path of ["gatehouse.db", "backups"].filter((one) => existsSync(join(from, one))))
    cpSync(join(from, path), join(to, path), { recursive: true });
};

/**
 * A used data folder: a group, its folder with a file in it, and the copy of the database from a migration.
 */
const used = async (): Promise<string> => {
  const [made, dataDir] = [temporaryFolder(), temporaryFolder()];
  const old = await openedCentral(made, migrations.slice(0, -1));
  await addRow(old.db, "agent_groups");
  await old.close();
  await (await openedCentral(made)).close();
  leave(made, dataDir);
  mkdirSync(join(dataDir, "groups", "team"), { recursive: true });
  writeFileSync(join(dataDir, "groups", "team", "CLAUDE.md"), "");
  return dataDir;
};

const without =
  (...paths: readonly string[]) =>
  (dataDir: string) => {
    for (const path of paths) rmSync(join(dataDir, path), { recursive: true });
  };

/** Replaces the database by one without rows. */
const emptyTables = async (dataDir: string): Promise<void> => {
  const other = temporaryFolder();
  leave(dataDir, other);
  const { db, close } = await openedCentral(other);
  await db.deleteFrom("agent_groups").execute();
  await close();
  leave(other, dataDir);
};

describe("a used database that lost its rows", () => {
  test.for([
    {
      what: "has 0 bytes",
      spoil: (dataDir: string) => truncateSync(centralFile(dataDir)),
      detail: "0 bytes",
    },
    { what: "is missing", spoil: without("gatehouse.db"), detail: "is not there" },
    { what: "has no rows", spoil: emptyTables, detail: "has no row" },
    {
      what: "was replaced by a new one",
      spoil: async (dataDir: string) => {
        const other = temporaryFolder();
        await (await openedCentral(other)).close();
        leave(other, dataDir);
      },
      detail: "has no row",
    },
  ])(
    "and $what is refused, and the command of the fix restores the newest copy",
    async ({ spoil, detail }) => {
      const dataDir = await used();
      await spoil(dataDir);
      const opened = await openCentral(dataDir);
      if (opened.ok) expect.fail("it opened");
      const { code, message, fix = "" } = explainOpen(opened.error);
      expect({ code, message }).toEqual({
        code: "database-emptied",
        message: expect.stringMatching(new RegExp(`${detail}.*groups/team`)) as unknown,
      });
      const [, command = ""] = /: (rm .*? && cp .*?);/.exec(fix) ?? [];
      execFileSync("sh", ["-c", command]);
      const { db } = await openedCentral(dataDir);
      expect(await db.selectFrom("agent_groups").select("id").execute()).toEqual([{ id: "ag-1" }]);
    },
  );

  test.for([
    { what: "groups", spoil: without("backups") },
    { what: "copies", spoil: without("groups") },
  ])("and has 0 bytes is refused even if only $what are beside it", async ({ spoil }) => {
    const dataDir = await used();
    truncateSync(centralFile(dataDir));
    spoil(dataDir);
    expect(await openCentral(dataDir)).toMatchObject({ ok: false, error: { code: "database-emptied" } });
  });

  test("and has 0 bytes beside a write-ahead log is not opened: SQLite would remove the log", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(centralFile(dataDir), "");
    writeFileSync(`${centralFile(dataDir)}-wal`, "rows");
    expect(await openCentral(dataDir)).toMatchObject({ error: { code: "database-emptied", backup: null } });
    expect(readFileSync(`${centralFile(dataDir)}-wal`, "utf8")).toBe("rows");
  });
});

describe("openCentral opens an empty database", () => {
  test.for([
    {
      what: "that is an empty file after an interrupted first start",
      make: (dataDir: string) => writeFileSync(centralFile(dataDir), ""),
    },
    {
      what: "beside the empty folder of a group",
      make: async (dataDir: string) => {
        await (await openedCentral(dataDir)).close();
        mkdirSync(join(dataDir, "groups", "first"), { recursive: true });
      },
    },
    {
      what: "beside the files of an unfinished import",
      make: async (dataDir: string) => {
        await (await openedCentral(dataDir)).close();
        mkdirSync(join(dataDir, "groups", ".importing", "team", "notes"), { recursive: true });
      },
    },
    {
      what: "beside users.yaml",
      make: (dataDir: string) => writeFileSync(join(dataDir, "users.yaml"), "users: []"),
    },
  ])("$what", async ({ make }) => {
    const dataDir = temporaryFolder();
    await make(dataDir);
    expect((await openedCentral(dataDir)).backup).toBeNull();
  });

  test("whose last group was deleted, since its log of decisions has rows", async () => {
    const dataDir = await used();
    const { db, close } = await openedCentral(dataDir);
    await db.deleteFrom("agent_groups").execute();
    await addRow(db, "decisions");
    await close();
    await openedCentral(dataDir);
  });
});

describe("openCentral and paths that are not files", () => {
  const opened = (dataDir: string): unknown => {
    const node = [inject("programs")["limited-open"], dataDir];
    const { stdout, signal } = spawnSync(process.execPath, node, { encoding: "utf8", timeout: 60_000 });
    expect(signal).toBeNull();
    return JSON.parse(stdout) as unknown;
  };

  test.for(["", "-wal", "-shm", "-journal"])(
    "refuses a pipe as gatehouse.db%s without waiting for it",
    { tags: ["slow"] },
    async (suffix) => {
      const dataDir = temporaryFolder();
      if (suffix !== "") leave(await used(), dataDir);
      execFileSync("mkfifo", [`${centralFile(dataDir)}${suffix}`]);
      expect(opened(dataDir)).toMatchObject({
        code: "database-unusable",
        detail: suffix === "" ? "it is no file" : `${centralFile(dataDir)}${suffix} is no file`,
      });
    },
  );

  test("refuses a link as the write-ahead log, and opens a database that is a link", async () => {
    const [dataDir, elsewhere, later] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    leave(await used(), elsewhere);
    symlinkSync(centralFile(elsewhere), centralFile(dataDir));
    await (await openedCentral(dataDir)).close();
    leave(elsewhere, later);
    rmSync(centralFile(dataDir));
    symlinkSync(centralFile(later), centralFile(dataDir));
    symlinkSync(join(elsewhere, "victim"), `${centralFile(later)}-wal`);
    expect(await openCentral(dataDir)).toMatchObject({ error: { code: "database-unusable" } });
  });
});
