// @module-tag rest
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { centralFile, openCentral } from "@gatehouse/central-database";
import { newAddress, temporaryFolder } from "@gatehouse/central-database/testing";
import { openReading } from "@gatehouse/postgres";
import { sql, type Kysely } from "kysely";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { askHost, spawnHost } from "../up/host.fixture.ts";

const slow = { tags: ["slow"] };
const words = ["database", "copy"];

const environment = (env: Readonly<Record<string, string>>) => ({
  ...process.env,
  GATEHOUSE_DATABASE: "",
  ...env,
});

const gatehouse = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const options = { encoding: "utf8", env: environment(env) } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [inject("programs").gatehouse, ...args],
    options,
  );
  return { status, stdout, stderr };
};

/** A data folder with the group Ana, whose host does not run. */
const stopped = (): string => {
  const dataDir = join(temporaryFolder(), "my data");
  const made = gatehouse([
    "init",
    "--name",
    "Ana",
    "--folder",
    "ana",
    "--owner",
    "local:ana",
    "--data",
    dataDir,
  ]);
  expect(made).toMatchObject({ status: 0 });
  return dataDir;
};

const digest = (dataDir: string): string =>
  createHash("sha256")
    .update(readFileSync(centralFile(dataDir)))
    .digest("hex");

describe("gatehouse database copy", () => {
  test.for([
    { what: "no address", args: [], code: "usage" },
    {
      what: "another program's address",
      args: ["--database", "mysql://ana@db/x"],
      code: "database-address-invalid",
    },
    { what: "a path", args: ["--database", "/srv/x.db"], code: "database-address-invalid" },
    {
      what: "a password in the arguments",
      args: ["--database", "postgresql://ana:geheim@127.0.0.1:1/x"],
      code: "password-in-arguments",
    },
    {
      what: "a server that does not run",
      args: ["--database", "postgresql://ana@127.0.0.1:1/x"],
      code: "database-unavailable",
      status: 1,
    },
  ])("refuses $what with the fix, and leaves the file as it is", slow, ({ args, code, status = 2 }) => {
    const dataDir = stopped();
    const before = digest(dataDir);
    const ran = gatehouse([...words, "--data", dataDir, ...args, "--json"]);
    expect(ran).toMatchObject({ status, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      error: { code, fix: expect.stringMatching(/./) as unknown },
    });
    expect(ran.stdout).not.toContain("geheim");
    expect(digest(dataDir)).toBe(before);
  });
});

describe.skipIf(process.env["GATEHOUSE_TEST_POSTGRES"] === undefined)(
  "gatehouse database copy to a server (skipped without GATEHOUSE_TEST_POSTGRES)",
  () => {
    test("moves a host, which goes on with its groups there", slow, async () => {
      const [dataDir, database] = [stopped(), await newDatabase()];
      const before = [
        digest(dataDir),
        readdirSync(dataDir).filter((name) => name.startsWith("gatehouse.db")),
      ];
      const { status, stdout, stderr } = gatehouse([...words, "--data", dataDir, "--database", database]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(/^agent_groups +1$/m);
      expect(stdout).toMatch(/^Copied \d+ rows of \d+ tables from .*; each table has as many rows there\.$/m);
      expect(stdout).toContain(
        `Next: export GATEHOUSE_DATABASE='${database}'; gatehouse up --data '${dataDir}'\n`,
      );
      expect(stdout).toContain(`mv '${centralFile(dataDir)}' '${centralFile(dataDir)}.copied'\n`);
      expect([
        digest(dataDir),
        readdirSync(dataDir).filter((name) => name.startsWith("gatehouse.db")),
      ]).toEqual(before);
      const host = spawnHost(dataDir, ["--database", database]);
      await host.ready();
      expect(await askHost(host.socket, "groups-list")).toMatchObject({ data: [{ name: "Ana" }] });
      expect(await askHost(host.socket, "decisions-list")).toMatchObject({
        data: expect.arrayContaining([expect.objectContaining({ command: "database copy" })]) as unknown,
      });
    });

    test("takes the address from GATEHOUSE_DATABASE, which the next host has, too", slow, async () => {
      const [dataDir, database] = [stopped(), await newDatabase()];
      const { status, stdout } = gatehouse([...words, "--data", dataDir], { GATEHOUSE_DATABASE: database });
      expect(status).toBe(0);
      expect(stdout).toContain(`\nNext: gatehouse up --data '${dataDir}'\n`);
    });

    test("refuses a second copy, a missing folder and a running host", slow, async () => {
      const [dataDir, database] = [stopped(), await newDatabase()];
      const copy = (data: string) => {
        const { status, stdout } = gatehouse([...words, "--data", data, "--database", database, "--json"]);
        return { status, ...(JSON.parse(stdout) as { readonly error?: { code: string; fix: string } }) };
      };
      const none = join(dataDir, "none");
      expect(copy(none)).toMatchObject({ status: 1, error: { code: "no-database" } });
      const host = spawnHost(dataDir);
      await host.ready();
      expect(copy(dataDir)).toMatchObject({
        status: 1,
        error: { code: "host-running", fix: expect.stringContaining("gatehouse down") as unknown },
      });
      host.child.kill("SIGTERM");
      await host.ended;
      expect(copy(dataDir)).toMatchObject({ status: 0, ok: true });
      expect(copy(dataDir)).toMatchObject({ status: 1, error: { code: "database-not-empty" } });
    });

    test.for(["SIGKILL", "SIGINT"] as const)(
      "leaves nothing there after %s half way",
      slow,
      async (signal) => {
        const [dataDir, database] = [stopped(), await newDatabase()];
        await fill(dataDir, 60_000);
        const before = digest(dataDir);
        const db = await openReading<unknown>({ url: database, shown: "it" });
        onTestFinished(() => db.destroy());
        const child = spawn(
          process.execPath,
          [inject("programs").gatehouse, ...words, "--data", dataDir, "--database", database],
          { env: environment({}), stdio: "ignore" },
        );
        const ended = once(child, "exit");
        await untilInserting(db, child.pid ?? 0);
        child.kill(signal);
        expect(await ended).toEqual(signal === "SIGKILL" ? [null, "SIGKILL"] : [130, null]);
        await untilGone(db, child.pid ?? 0);
        expect(await db.introspection.getTables()).toEqual([]);
        expect(digest(dataDir)).toBe(before);
        expect(gatehouse([...words, "--data", dataDir, "--database", database])).toMatchObject({ status: 0 });
      },
    );
  },
);

const newDatabase = async (): Promise<string> => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  onTestFinished(schema.drop);
  return schema.address.url;
};

/** Adds messages, more than a program copies before a test stops it. */
const fill = async (dataDir: string, count: number): Promise<void> => {
  const opened = await openCentral(dataDir);
  if (!opened.ok) expect.fail(opened.error.code);
  await sql`
    with recursive each(n) as (select 1 union all select n + 1 from each where n < ${count})
    insert into local_messages (id, seq, platform_id, direction, text, at)
    select 'many-' || n, n, 'local:many', 'out', 'a message', '' from each`.execute(opened.value.db);
  await opened.value.close();
};

const sessionOf = (pid: number) => `application_name like 'gatehouse pid ${pid} %'`;

const rowsOf = async (db: Kysely<unknown>, query: string): Promise<number> =>
  (await sql.raw(query).execute(db)).rows.length;

const untilInserting = async (db: Kysely<unknown>, pid: number): Promise<void> => {
  const query = `select 1 from pg_stat_activity where ${sessionOf(pid)} and query like 'insert into "local_messages"%'`;
  while ((await rowsOf(db, query)) === 0);
};

const untilGone = async (db: Kysely<unknown>, pid: number): Promise<void> => {
  while ((await rowsOf(db, `select 1 from pg_stat_activity where ${sessionOf(pid)}`)) !== 0);
};
