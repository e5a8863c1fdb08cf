import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";
import { startChat } from "../up/echo-group.fixture.ts";
import { openCentral } from "@gatehouse/central-database";
import { newAddress, onServer, temporaryFolder } from "@gatehouse/central-database/testing";
import { readConsents } from "@trust/preflight/node";
import { askHost, spawnHost } from "../up/host.fixture.ts";

/** The releases whose files are here. `npm run release:fixture` adds one; its `made.json` names the commit that wrote it. */
const releases = readdirSync(import.meta.dirname).filter((name) => /^\d/.test(name));

/** What a release left and a command reads, with a part of what it prints. */
const readBy: readonly (readonly [line: string, says: string])[] = [
  ["secrets list", "RSS_TOKEN"],
  ["prices list", "claude-opus-4-5"],
  ["mounts list", "read-only"],
  ["channels list", "@gate_bot"],
  ["backup --every", "each 1d"],
  ["upgrade --check", ""],
  ["launches list", "shop"],
];
/** It was made without a CLI: it has no launch and no consent. */
const candidate = "0.1.0-rc.0";

const fileOf = (release: string, name: string): string => join(import.meta.dirname, release, name);

/** A copy of the data folder that a release left. */
const dataOf = (release: string): string => {
  const folder = temporaryFolder();
  const { status, stderr } = spawnSync("tar", ["-xzf", fileOf(release, "data.tar.gz"), "-C", folder], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return join(folder, "data");
};

/** Runs `gatehouse` of this version to its end, in this process. */
const gatehouse = async (dataDir: string, line: string, database = ""): Promise<string> => {
  const env: Readonly<Record<string, string>> = database === "" ? {} : { GATEHOUSE_DATABASE: database };
  const { code, stdout, stderr } = await ranCli({ dataDir, env }, ...line.split(" "));
  expect({ line, code, stderr }).toMatchObject({ line, code: 0 });
  return stdout;
};

/** Starts this version's host on what a release left, and goes on with its conversation. */
const goOn = async (dataDir: string, database = ""): Promise<void> => {
  // Its host would ask Telegram.
  rmSync(join(dataDir, "messengers.json"));
  const host = spawnHost(dataDir, [], database === "" ? {} : { GATEHOUSE_DATABASE: database });
  await host.ready();
  const before = ["remember the red door", "and the blue one"].flatMap((text) => [text, text]);
  const said = async (): Promise<string[]> =>
    (await gatehouse(dataDir, "history --group home --json", database))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { text: string }).text)
      // The owner is told of other things too: the folder of the backups is not here.
      .filter((text) => text.endsWith(" door") || text.includes(" one"));
  expect(await said()).toEqual(before);
  const chat = startChat(dataDir, "the green one too\n", "home");
  expect([await chat.exitCode, chat.out()]).toEqual([0, "the green one too\n"]);
  expect(await said()).toEqual([...before, "the green one too", "the green one too"]);
  const rows = async (command: string, args = {}): Promise<unknown> => {
    const answer = (await askHost(host.socket, command, args)) as { data: unknown };
    return answer.data;
  };
  expect(await rows("users-list")).toEqual(
    expect.arrayContaining([expect.objectContaining({ id: "telegram:7", display_name: "Bo" })]),
  );
  expect(await rows("members-list", { group: "office" })).toEqual([
    expect.objectContaining({ user_id: "local:ana" }),
  ]);
  host.child.kill("SIGTERM");
  expect(await host.ended).toMatchObject({ code: 143 });
};

describe.for(releases)("what %s left", (release) => {
  test("has rows in each table of its schema", async () => {
    const opened = await openCentral(dataOf(release));
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const { db, close } = opened.value;
    onTestFinished(close);
    const known = readFileSync(fileOf(release, "made.json"), "utf8");
    const { tables } = JSON.parse(known) as { tables: Record<string, number> };
    const counted = await Promise.all(
      Object.keys(tables).map(async (table) => {
        const { count } = await db
          .selectFrom(table as "users")
          .select(({ fn }) => fn.countAll<number>().as("count"))
          .executeTakeFirstOrThrow();
        return [table, count] as const;
      }),
    );
    // A migration adds a row to the first one.
    const { schema_version: _, ...rows } = Object.fromEntries(counted);
    expect(tables).toMatchObject(rows);
  });

  test.for(readBy.filter(([line]) => release !== candidate || line !== "launches list"))(
    "is read by `gatehouse %s`",
    async ([line, says]) => {
      expect(await gatehouse(dataOf(release), line)).toContain(says);
    },
  );

  test("has the consents that were given", { skip: release === candidate }, async () => {
    expect(await readConsents(join(dataOf(release), "consents.jsonl"))).toMatchObject({
      value: { consents: [{ provider: "claude", outcome: "trusted" }], unreadable: 0 },
    });
  });

  test("is what this version's host goes on with", { tags: ["slow"] }, async () => {
    await goOn(dataOf(release));
  });

  test(
    "is what it goes on with on PostgreSQL",
    { tags: ["slow", "rest"], skip: process.env["GATEHOUSE_TEST_POSTGRES"] === undefined },
    async () => {
      const { address, drop } = (await newAddress()) ?? expect.fail("there is no server");
      onTestFinished(drop);
      const schema = /search_path%3D(\w+)/.exec(address.url)?.[1] ?? "";
      const dump = gunzipSync(readFileSync(fileOf(release, "postgresql.sql.gz")))
        .toString()
        // For psql alone, and for a new database.
        .replaceAll(/^(\\.*|CREATE SCHEMA .*)$/gm, "")
        .replaceAll("gatehouse_fixture", schema);
      await onServer(address.shown, dump);
      await goOn(dataOf(release), address.url);
    },
  );
});
