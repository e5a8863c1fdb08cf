import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { openSqlite } from "@nc/container-config/node";
import type { PostgresAddress } from "@gatehouse/postgres";
import { hostDatabase, onServer, temporaryFolder } from "@gatehouse/central-database/testing";
import { processes } from "@gatehouse/places";
import { noOwnServer, ownServer } from "@gatehouse/postgres/testing";
import { startHost, type Host, type StartOptions } from "./start-host.ts";

const started = async (
  dataDir: string,
  bugs: unknown[],
  database: PostgresAddress | null = hostDatabase(),
  times: { readonly stopMs?: number } = {},
): Promise<Host> => {
  const host = await startHost({
    ...times,
    dataDir,
    database,
    report: (error) => bugs.push(error),
  });
  if (!host.ok) expect.fail(JSON.stringify(host.error));
  return host.value;
};

/** Renames a table through a second connection, as an administrator could while the host runs. */
const rename = async (dataDir: string, table: string, name: string): Promise<void> => {
  const statement = `alter table ${table} rename to ${name}`;
  const server = hostDatabase();
  if (server !== null) return onServer(server.url, statement);
  const other = await openSqlite(join(dataDir, "gatehouse.db"));
  if (!other.ok) expect.fail(JSON.stringify(other.error));
  await sql.raw(statement).execute(other.value.db);
  await other.value.close();
};

test("a host that cannot write its decisions reports it, stops, and releases the data folder", async () => {
  const dataDir = temporaryFolder();
  const bugs: unknown[] = [];
  const host = await started(dataDir, bugs);
  await rename(dataDir, "decisions", "gone");
  await host.transports.socket({ id: "1", command: "groups-list", args: {} });
  await host.stop();
  expect(bugs.map(String)).toEqual([expect.stringContaining("decisions")]);
  await rename(dataDir, "gone", "decisions");
  await (await started(dataDir, bugs)).stop();
  expect(bugs).toHaveLength(1);
});

test("startHost refuses a file in the place of groups/, and releases the data folder", async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, "groups"), "no folder");
  expect(await startHost({ dataDir, database: hostDatabase(), report: () => {} })).toMatchObject({
    ok: false,
    error: { code: "data-folder-unusable", message: expect.stringContaining("ENOTDIR") as unknown },
  });
  rmSync(join(dataDir, "groups"));
  await (await started(dataDir, [])).stop();
});

test("startHost releases the data folder if its database is refused", async () => {
  const dataDir = temporaryFolder();
  await (await started(dataDir, [])).stop();
  await rename(dataDir, "agent_groups", "gone");
  await expect(started(dataDir, [])).rejects.toThrow(/changed-by-hand/);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("host."))).toEqual(["host.log"]);
  await rename(dataDir, "gone", "agent_groups");
  await (await started(dataDir, [])).stop();
});

test.each<{ what: string; options: Partial<StartOptions> }>([
  {
    what: "the place of its agents",
    options: { runtime: { ...processes(), open: () => Promise.reject(new TypeError("a bug of the place")) } },
  },
  { what: "its last port", options: { health: { host: "127.0.0.1", port: 70_000 } } },
])("startHost releases the data folder if $what throws", async ({ options }) => {
  const dataDir = temporaryFolder();
  const start = startHost({ dataDir, database: hostDatabase(), report: () => {}, ...options });
  await expect(start).rejects.toThrow(/a bug of the place|port/);
  expect(readdirSync(dataDir).filter((name) => name.startsWith("host."))).toEqual(["host.log"]);
  await (await started(dataDir, [])).stop();
});

test("a host that was replaced keeps the new host's socket and pid file when it stops", async () => {
  const dataDir = temporaryFolder();
  const host = await started(dataDir, []);
  rmSync(dataDir, { recursive: true });
  // With a database file: a server would refuse a second host.
  const next = await started(dataDir, [], null);
  const another = `${process.ppid}\n`;
  writeFileSync(join(dataDir, "host.pid"), another);
  await host.stop();
  expect(readFileSync(join(dataDir, "host.pid"), "utf8")).toBe(another);
  expect(lstatSync(next.socketPath).isSocket()).toBe(true);
  await next.stop();
  expect(existsSync(next.socketPath)).toBe(false);
});

describe.skipIf(noOwnServer !== null)(
  `a host that stops while its server is away (${noOwnServer ?? "our own server"})`,
  { tags: ["rest", "slow"] },
  () => {
    test.each([
      { stopMs: 1, hasEnded: false },
      { stopMs: 600_000, hasEnded: true },
    ])("has one patience of $stopMs ms for all of its parts", async ({ stopMs, hasEnded }) => {
      const [dataDir, server] = [temporaryFolder(), ownServer()];
      const host = await started(dataDir, [], { url: server.url, shown: "ours" }, { stopMs });
      server.stop("fast");
      expect(await host.stop()).toBe(hasEnded);
      // The parts that are not waited for are begun all the same.
      const left = () => readdirSync(dataDir).filter((name) => name.startsWith("host."));
      await expect.poll(left).toEqual(["host.log"]);
    });
  },
);
