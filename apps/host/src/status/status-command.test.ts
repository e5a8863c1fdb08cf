import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addRow, hostDatabase, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { printedBy } from "../ran-cli.fixture.ts";
import { statusRows } from "./status-command.ts";

const status = (dataDir: string, ...flags: readonly string[]): Promise<string> =>
  printedBy(dataDir, "status", ...flags);

/** A data folder with a group, three sessions, and one of each thing that can wait. */
const usedFolder = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  for (const [id, state, container_status] of [
    ["se-1", "active", "running"],
    ["se-2", "closed", "stopped"],
  ] as const)
    await addRow(db, "sessions", {
      id,
      agent_group_id: "ag-1",
      status: state,
      container_status,
      thread_id: id,
    });
  await addRow(db, "intents", { id: "in-1", agent_group_id: "ag-1", done_at: null });
  await addRow(db, "pending_approvals", {
    approval_id: "ap-1",
    session_id: "se-1",
    agent_group_id: "ag-1",
    status: "pending",
    expires_at: "2999-01-01T00:00:00.000Z",
  });
  await addRow(db, "session_files", { session_id: "se-1", bytes: 3 * 2 ** 20, is_whole: 1 });
  await addRow(db, "session_values", { session_id: "se-2", key: "a", value: "1234" });
  const work = { session_id: "se-1", claimed_at: "2026-11-27T12:03:01.000Z", claimed_by: 1 };
  await addRow(db, "session_messages_in", work);
  const vendor_trouble_since = "2026-11-27T12:03:00.000Z";
  const trouble = { vendor_trouble: "anthropic is overloaded (529)", vendor_trouble_since };
  writeFileSync(join(dataDir, "upstreams.json"), '{"anthropic":"http://127.0.0.1:8080"}');
  await addRow(db, "session_tokens", { session_id: "se-1", incarnation: 1, ...trouble });
  const mcp_servers = JSON.stringify({ weather: { command: "doesnotexist" } });
  const config = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026" };
  await db
    .insertInto("container_configs")
    .values({ ...config, mcp_servers, upstream: "openai=https://models.example" } as never)
    .execute();
  const failed = JSON.stringify({ weather: "not-found", removed: "silent" });
  await addRow(db, "session_values", { session_id: "se-1", key: "mcp-servers-failed", value: failed });
  await close();
  return dataDir;
};

test("status prints a host's state, its database, its counts and the work that waits", async () => {
  const dataDir = await usedFolder();
  const [head, ...lines] = (await status(dataDir)).trimEnd().split("\n");
  expect(head).toBe(`${dataDir}: no host runs; gatehouse up starts one.`);
  const shown = lines.map((line) =>
    line.replace(/since .*/, "since T").replace(/[\d.]+ [GM]B of .* free/, "SPACE"),
  );
  expect(shown).toEqual([
    "version    program 1.2.3",
    "groups     1",
    "sessions   1 running, 0 without a container, 1 closed",
    `database   ${hostDatabase()?.shown ?? "gatehouse.db"}`,
    "disk       SPACE",
    "upstream   anthropic=http://127.0.0.1:8080/",
    "upstream   Ana: openai=https://models.example",
    "runtime    not known: no host of this version has run here",
    "waits      Ana (se-1): anthropic is overloaded (529) since T",
    "mcp        Ana (se-1): weather did not start: its program was not found",
    "stored     3.0 MB of messages and files, most in se-1 (3.0 MB)",
    "approvals  1 waits for a person: ncl approvals list, since T",
    "intents    1 waits to be carried out, since T",
    "unanswered 1 waits for an agent, since T",
    "waiting    nothing else",
  ]);
});

test("the console has the rows that its page does not count itself", async () => {
  const dataDir = await usedFolder();
  const { db, close } = await openedCentral(dataDir);
  const rows = await statusRows(db, {
    dataDir,
    env: {},
    version: "1.2.3",
    database: hostDatabase()?.shown ?? null,
  });
  await close();
  const names = "version database disk upstream upstream runtime waits mcp stored unanswered";
  expect(rows.map(({ name }) => name)).toEqual(names.split(" "));
  expect(rows.at(-1)?.text).toMatch(/^1 waits for an agent, since /);
  expect(rows.filter(({ isWrong }) => isWrong).map(({ name }) => name)).toEqual(["waits", "mcp"]);
});

test("status --json prints the same as one document", async () => {
  const told = JSON.parse(await status(await usedFolder(), "--json")) as unknown;
  expect(told).toMatchObject({
    ok: true,
    version: "1.2.3",
    host: { running: false, pid: null, version: null, since: null, answers: false },
    database: expect.any(String) as unknown,
    groups: 1,
    sessions: { running: 1, stopped: 0, closed: 1 },
    intents: { count: 1 },
    approvals: { count: 1 },
    questions: { count: 0, oldest: null },
    localMessages: { count: 0, oldest: null },
    upstreams: [{ group: "ag-1", name: "Ana", upstream: "openai=https://models.example" }],
    hostUpstreams: { anthropic: "http://127.0.0.1:8080/" },
    containers: { runtime: null, unowned: [], gone: null },
    agentMessages: { count: 1 },
    failedServers: [{ session: "se-1", group: "Ana", server: "weather", why: "not-found" }],
    vendors: [{ session: "se-1", trouble: "anthropic is overloaded (529)" }],
    stored: [
      { sessionId: "se-1", files: 3 * 2 ** 20 },
      { sessionId: "se-2", messages: 4, files: 0 },
    ],
  });
});

test("status reports a missing database, and makes no file", async () => {
  const dataDir = join(temporaryFolder(), "new");
  expect(await status(dataDir)).toContain(
    "There is no database yet: gatehouse init makes the owner's group.",
  );
  expect(existsSync(dataDir)).toBe(false);
});
