import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { addRow, hostsOnServer, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { recordOf } from "@gatehouse/processes/records";
import { ranCli } from "../ran-cli.fixture.ts";

const ps = (dataDir: string, ...flags: readonly string[]) =>
  ranCli({ dataDir }, "ps", "--data", dataDir, ...flags);

/** A data folder with a pending approval, which one admin may answer, and an answered approval. */
const folderWithApprovals = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "ana" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1", status: "active" });
  await addRow(db, "users", { id: "telegram:1" });
  const role = { user_id: "telegram:1", role: "admin", agent_group_id: "ag-1" };
  await addRow(db, "user_roles", role);
  const asked = {
    session_id: "se-1",
    agent_group_id: "ag-1",
    kind: "command",
    scope: "group",
    command: "groups restart",
    args: "{}",
    shown: "{}",
    consequence: '["It starts anew."]',
    created_at: "2026-11-21T08:00:00.000Z",
    expires_at: "2999-01-01T00:00:00.000Z",
  };
  await addRow(db, "pending_approvals", { ...asked, approval_id: "ap-1", status: "pending" });
  await addRow(db, "pending_approvals", { ...asked, approval_id: "ap-2", status: "approved" });
  await close();
  return dataDir;
};

type Status = Readonly<Record<string, unknown>> & { readonly member: string; readonly state: string };

/** Writes a holder's record and state of an agent, with this process as the holder. */
const writeHeldAgent = (dataDir: string, status: Status): void => {
  const { member } = status;
  const label = { member, team: "shop", provider: "claude", folder: "/repo" };
  const record = recordOf(process.pid, { id: member, account: null, token: 1, label });
  const kept = { v: 1, id: member, pid: process.pid, ...label, ...status };
  for (const [kind, text] of Object.entries({ holders: record, states: kept })) {
    mkdirSync(join(dataDir, "held", kind), { recursive: true });
    writeFileSync(join(dataDir, "held", kind, `${member}.json`), JSON.stringify(text));
  }
};

test("ps --waiting lists agents and approvals together, the oldest first", async () => {
  const dataDir = await folderWithApprovals();
  const at = (hour: number): string => new Date(Date.UTC(2026, 10, 21, hour)).toISOString();
  const options = ["Yes", "No"];
  const text = "Allow the tool?\nIt writes.";
  const question = { id: "q-1", dialog: "claude/tool", code: "consent-needed", text, options };
  const notice = { code: "prompt-not-sent", message: "Its first prompt was not sent: no.", fix: "Look." };
  writeHeldAgent(dataDir, {
    member: "bo",
    state: "ended",
    since: at(9),
    exitCode: 1,
    endedAt: "no-connection",
  });
  writeHeldAgent(dataDir, { member: "ana", state: "waiting", since: at(7), question });
  writeHeldAgent(dataDir, { member: "cy", state: "ready", since: at(10), notice });
  writeHeldAgent(dataDir, { member: "di", state: "ready", since: at(6) });
  writeHeldAgent(dataDir, { member: "ed", state: "ended", since: at(6), exitCode: 0, notice });
  const json = JSON.parse((await ps(dataDir, "--waiting", "--json")).stdout) as Listed;
  expect(json.waiting).toMatchObject([
    { what: "agent", code: "consent-needed", member: "ana", since: at(7), question },
    { what: "approval", code: "approval", id: "ap-1", since: at(8), card: expect.anything() as unknown },
    { what: "agent", code: "no-connection", member: "bo", since: at(9), endedAt: "no-connection" },
    { what: "agent", code: "prompt-not-sent", member: "cy", since: at(10), notice },
  ]);
  expect(json.agents.map(({ member }) => member)).toEqual(["ana", "bo", "cy"]);
  expect(json.approvals.map(({ id }) => id)).toEqual(["ap-1"]);
  const { stdout } = await ps(dataDir, "--waiting");
  const rows = stdout.split("\n").filter((line) => !line.startsWith("  "));
  expect(rows.map((row) => row.replace(/\d+ (h|d)\b/, "AGO").replaceAll(/ {2,}/g, " | "))).toEqual([
    "NAME | WAITS FOR | SINCE | WHERE | WHAT",
    "shop/ana | consent-needed | AGO | /repo | Allow the tool? (claude/tool)",
    "ap-1 | approval | AGO | ana | ncl groups restart",
    "shop/bo | no-connection | AGO | /repo | claude ended 1",
    "shop/cy | prompt-not-sent | AGO | /repo | Its first prompt was not sent: no.",
    "",
  ]);
  expect(stdout).toContain(
    `\n  > Allow the tool?\n  > It writes.\n  gatehouse answer shop/ana --seen q-1 OPTION --data ${dataDir}   (Yes | No)\n`,
  );
});

type Listed = {
  readonly agents: readonly { readonly member: string }[];
  readonly approvals: readonly { readonly id: string }[];
  readonly waiting: readonly object[];
};

test("ps --waiting lists an agent that waits for the vendor of its model", async () => {
  const dataDir = await folderWithApprovals();
  const { db, close } = await openedCentral(dataDir);
  const trouble = "anthropic is overloaded (529)";
  const since = "2026-11-21T07:00:00.000Z";
  const held = { vendor_trouble: trouble, vendor_trouble_since: since };
  await addRow(db, "session_tokens", { session_id: "se-1", incarnation: 1, ...held });
  for (const id of ["m-1", "m-2"])
    await addRow(db, "session_messages_in", {
      id,
      seq: Number(id.slice(2)),
      claimed_at: since,
      claimed_by: 1,
    });
  await close();
  const json = JSON.parse((await ps(dataDir, "--waiting", "--json")).stdout) as Listed;
  const vendor = { session: "se-1", group: "ana", trouble, since };
  expect(json.waiting[0]).toEqual({ what: "vendor", code: "vendor", ...vendor });
  expect(json.waiting).toHaveLength(2);
  expect((await ps(dataDir, "--waiting")).stdout).toMatch(
    /\nse-1 +vendor +\d+ [hd] +ana +anthropic is overloaded \(529\)\n +The agent tries again by itself\./,
  );
});

test("ps --waiting lists the approvals of the host's database, with who may answer and how", async () => {
  const dataDir = await folderWithApprovals();
  const json = await ps(dataDir, "--waiting", "--json");
  const digest = expect.stringMatching(/^[\da-f]{16}$/) as string;
  const option = (verb: string, label: string) => ({
    id: verb,
    label,
    command: expect.stringMatching(
      `^ncl approvals ${verb} ap-1 --seen [0-9a-f]{16} --data ${dataDir}$`,
    ) as string,
  });
  const reject = {
    ...option("reject", "Reject; the agent reads what you write after it"),
    button: "Reject",
    words: "optional",
  };
  const approval = {
    id: "ap-1",
    kind: "command",
    group: "ana",
    asks: "ncl groups restart",
    card: {
      id: "ap-1",
      title: "ana asks for an approval (ap-1)",
      digest,
      lines: ["It can be answered until 2999-01-01T00:00:00.000Z.", "It starts anew.", "ncl groups restart"],
      options: [option("approve", "Approve"), reject],
    },
    since: "2026-11-21T08:00:00.000Z",
    until: "2999-01-01T00:00:00.000Z",
    mayAnswer: ["telegram:1"],
  };
  expect(JSON.parse(json.stdout)).toEqual({
    ok: true,
    agents: [],
    approvals: [approval],
    waiting: [{ what: "approval", code: "approval", ...approval }],
  });
  const { code, stdout } = await ps(dataDir, "--waiting");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^NAME +WAITS FOR +SINCE +WHERE +WHAT\nap-1 +approval +\d+ [hd] +ana +ncl groups restart\n/,
  );
  expect(stdout).toContain("may answer: the operator, telegram:1");
  // Without --waiting, ps lists only agents and opens no database.
  expect(JSON.parse((await ps(dataDir, "--json")).stdout)).toEqual({ ok: true, agents: [] });
});

test("ps --waiting lists nothing if there is no database", async () => {
  const dataDir = temporaryFolder();
  expect(await ps(dataDir, "--waiting")).toEqual({
    code: 0,
    stdout: "Nothing waits for a person.\n",
    stderr: "",
  });
});

/** Breaks the database file, or names a missing database on the server. Returns the code of the error. */
const breakDatabase = (dataDir: string): string => {
  if (hostsOnServer) {
    const server = new URL(process.env["GATEHOUSE_DATABASE"] ?? "");
    server.pathname = "/gatehouse_none";
    process.env["GATEHOUSE_DATABASE"] = server.href;
    return "database-refused";
  }
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, "gatehouse.db"), "no database");
  return "database-unusable";
};

test("ps --waiting lists the agents and fails if it cannot read the approvals", async () => {
  const dataDir = temporaryFolder();
  const code = breakDatabase(dataDir);
  const json = await ps(dataDir, "--waiting", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    agents: [],
    error: { code },
  });
  const text = await ps(dataDir, "--waiting");
  expect(text).toMatchObject({ code: 1, stdout: "No agent waits for a person.\n" });
  expect(text.stderr).toMatch(/^approvals are not listed: /);
  expect((await ps(dataDir)).code).toBe(0);
});

const heard = (session: string, agoMs: number) => ({
  session,
  incarnation: 1,
  version: 2,
  callsWaiting: 0,
  bytesUnread: 0,
  refusals: 0,
  lastHeardAt: new Date(Date.now() - agoMs).toISOString(),
});

test.each([
  { what: "no host", agents: null, says: "No agents are held here.\n" },
  { what: "a host without agents", agents: [], says: "No agents are held here.\n" },
  {
    what: "one agent of a group",
    agents: [heard("se-1", 0)],
    says: "No agents are held here. 1 agent of a group runs: ncl sessions list\n",
  },
  {
    what: "two, and one of a host that was killed",
    agents: [heard("se-1", 0), heard("se-2", 20_000), heard("se-3", 3_600_000)],
    says: "No agents are held here. 2 agents of groups run: ncl sessions list\n",
  },
])("ps without a held agent, with $what", async ({ agents, says }) => {
  const dataDir = temporaryFolder();
  if (agents !== null)
    writeFileSync(join(dataDir, "agents.json"), JSON.stringify({ agents, ended: {}, lastClosed: null }));
  expect((await ps(dataDir)).stdout).toBe(says);
});
