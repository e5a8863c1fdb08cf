import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openSqlite } from "@nc/container-config/node";
import { openedCentral, temporaryFolder } from "@gatehouse/control-plane/testing";
import { startHost, type Host } from "./start-host.ts";

const started = async (dataDir: string, bugs: unknown[]): Promise<Host> => {
  const host = await startHost({ dataDir, report: (error) => bugs.push(error) });
  if (!host.ok) expect.fail(JSON.stringify(host.error));
  return host.value;
};

test("a host whose log cannot be written ends all the same, and leaves the data folder to the next one", async () => {
  const dataDir = temporaryFolder();
  const bugs: unknown[] = [];
  const host = await started(dataDir, bugs);
  const other = await openSqlite(join(dataDir, "gatehouse.db"));
  if (!other.ok) expect.fail(JSON.stringify(other.error));
  await sql`alter table decisions rename to gone`.execute(other.value.db);
  await host.transports.socket({ id: "1", command: "groups-list", args: {} });
  await host.stop();
  expect(bugs.map(String)).toEqual([expect.stringContaining("decisions")]);
  await sql`alter table gone rename to decisions`.execute(other.value.db);
  await other.value.close();
  await (await started(dataDir, bugs)).stop();
  expect(bugs).toHaveLength(1);
});

test("a start that what lies in the data folder does not allow is refused, and leaves it to the next one", async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, "groups"), "no folder");
  expect(await startHost({ dataDir, report: () => {} })).toMatchObject({
    ok: false,
    error: { code: "data-folder-unusable", message: expect.stringContaining("ENOTDIR") as unknown },
  });
  rmSync(join(dataDir, "groups"));
  await (await started(dataDir, [])).stop();
});

test("a start that fails with a bug leaves the data folder to the next one", async () => {
  const dataDir = temporaryFolder();
  const rename = async (table: string, name: string): Promise<void> => {
    const { db } = await openedCentral(dataDir);
    await db.schema.alterTable(table).renameTo(name).execute();
  };
  await rename("agent_groups", "gone");
  await expect(startHost({ dataDir, report: () => {} })).rejects.toThrow("no such table");
  expect(readdirSync(dataDir).filter((name) => name.startsWith("host."))).toEqual([]);
  await rename("gone", "agent_groups");
  await (await started(dataDir, [])).stop();
});

test("a host in whose place another one stands leaves that one's socket and process id", async () => {
  const dataDir = temporaryFolder();
  const host = await started(dataDir, []);
  rmSync(dataDir, { recursive: true });
  const next = await started(dataDir, []);
  const another = `${process.ppid}\n`;
  writeFileSync(join(dataDir, "host.pid"), another);
  await host.stop();
  expect(readFileSync(join(dataDir, "host.pid"), "utf8")).toBe(another);
  expect(lstatSync(next.socketPath).isSocket()).toBe(true);
  await next.stop();
  expect(existsSync(next.socketPath)).toBe(false);
});
