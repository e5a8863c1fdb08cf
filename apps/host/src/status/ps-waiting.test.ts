import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  addRow,
  hostDatabase,
  hostsOnServer,
  openedCentral,
  temporaryFolder,
} from "@gatehouse/control-plane/testing";
import { runCli } from "../cli.ts";

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

const ps = async (dataDir: string, ...flags: readonly string[]): Promise<Ended> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { HOME: dataDir, GATEHOUSE_DATABASE: hostDatabase()?.url },
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(["ps", "--data", dataDir, ...flags], "1.2.3", io);
  return { code, stdout, stderr };
};

/** A data folder in which an approval waits that one admin may answer; another one is answered. */
const waited = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "ana" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", status: "active" });
  await addRow(db, "users", { id: "telegram:1" });
  const role = { user_id: "telegram:1", role: "admin", agent_group_id: "ag-1" };
  await addRow(db, "user_roles", role);
  const asked = {
    ...{ session_id: "se-1", agent_group_id: "ag-1", kind: "command", scope: "group" },
    ...{ command: "groups restart", args: "{}", shown: "{}", consequence: '["It starts anew."]' },
    ...{ created_at: "2026-11-21T08:00:00.000Z", expires_at: "2999-01-01T00:00:00.000Z" },
  };
  await addRow(db, "pending_approvals", { ...asked, approval_id: "ap-1", status: "pending" });
  await addRow(db, "pending_approvals", { ...asked, approval_id: "ap-2", status: "approved" });
  await close();
  return dataDir;
};

test("ps --waiting lists the approvals of the host's database, with who may answer and how", async () => {
  const dataDir = await waited();
  const json = await ps(dataDir, "--waiting", "--json");
  expect(JSON.parse(json.stdout)).toEqual({
    ok: true,
    agents: [],
    approvals: [
      {
        ...{ id: "ap-1", kind: "command", group: "ana", asks: "ncl groups restart" },
        consequence: ["It starts anew."],
        since: "2026-11-21T08:00:00.000Z",
        until: "2999-01-01T00:00:00.000Z",
        mayAnswer: ["telegram:1"],
        answer: {
          approve: `ncl approvals approve ap-1 --data ${dataDir}`,
          reject: `ncl approvals reject ap-1 --data ${dataDir}`,
        },
      },
    ],
  });
  const { code, stdout } = await ps(dataDir, "--waiting");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^APPROVAL +GROUP +SINCE +ASKS\nap-1 +ana +\d+ h +ncl groups restart\n/);
  expect(stdout).toContain("may answer: the operator, telegram:1");
  // Without --waiting the list is of agents alone, and no database is opened.
  expect(JSON.parse((await ps(dataDir, "--json")).stdout)).toEqual({ ok: true, agents: [] });
});

test("ps --waiting needs no database; without one nothing waits", async () => {
  const dataDir = temporaryFolder();
  expect(await ps(dataDir, "--waiting")).toEqual({
    code: 0,
    stdout: "Nothing waits for a person.\n",
    stderr: "",
  });
});

test("ps --waiting that cannot read the approvals names the agents, and fails", async ({ skip }) => {
  skip(hostsOnServer, "a server's database is no file that can be spoilt");
  const dataDir = temporaryFolder();
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, "gatehouse.db"), "no database");
  const json = await ps(dataDir, "--waiting", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    agents: [],
    error: { code: "database-unusable" },
  });
  const text = await ps(dataDir, "--waiting");
  expect(text).toMatchObject({ code: 1, stdout: "No agent waits for a person.\n" });
  expect(text.stderr).toMatch(/^approvals are not listed: /);
  expect((await ps(dataDir)).code).toBe(0);
});
