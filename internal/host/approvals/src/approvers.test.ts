import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person, steward, stranger, type Bed } from "@gatehouse/dispatch/testing";
import { approversOf } from "./approvers.ts";
import { waitingApprovals } from "./waiting-approvals.ts";

/** Later than the roles that the fixture grants. */
const later = "2026-11-21T08:00:00.000Z";

/** The channels of a person's direct chats. The chat of the session that asks is on telegram. */
type Chats = readonly ("telegram" | "local")[];

const chat = async ({ central: { db } }: Bed, user_id: string, channel_type: string): Promise<void> => {
  const messaging_group_id = `mg-${channel_type}-${user_id}`;
  await addRow(db, "messaging_groups", { id: messaging_group_id, channel_type, platform_id: user_id });
  await addRow(db, "user_dms", { user_id, channel_type, messaging_group_id });
};

/** An admin of `team`, one of `other`, one of all groups, an owner, and `every`, who has all these roles. */
const prepared = async (chats: Readonly<Record<string, Chats>>): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  for (const name of ["other", "all", "every"]) await addRow(db, "users", { id: `telegram:${name}` });
  const role = (name: string, role: string, agent_group_id: string | null) =>
    addRow(db, "user_roles", { user_id: `telegram:${name}`, role, agent_group_id, granted_at: later });
  await role("other", "admin", "ag-other");
  await role("all", "admin", null);
  await role("every", "owner", null);
  await role("every", "admin", null);
  await role("every", "admin", "ag-team");
  // An owner row with a group gives no rights.
  await role("nobody", "owner", "ag-team");
  for (const [name, channels] of Object.entries(chats))
    for (const channel of channels) await chat(bed, `telegram:${name}`, channel);
  return bed;
};

const everybody: Readonly<Record<string, Chats>> = {
  owner: ["telegram"],
  all: ["telegram"],
  every: ["telegram"],
  admin: ["telegram"],
  other: ["telegram"],
  nobody: ["telegram"],
};

const update = ["groups", "config", "update", "--model", "opus"] as const;

const asked = async (bed: Bed, line: readonly string[] = update, agent = member) => {
  const answer = await bed.ask(agent, ...line);
  expect(answer).toMatchObject({ code: "approval-pending" });
  const approvals = bed.central.db.selectFrom("pending_approvals").selectAll();
  const approval = await approvals.executeTakeFirstOrThrow();
  const found = await approversOf(bed.central.db, approval, bed.host.commands);
  return found.map(({ userId, channelType }) => `${userId.slice("telegram:".length)} on ${channelType}`);
};

describe("approversOf", () => {
  test("returns admins of the group, then admins of all groups, then owners, each once", async () => {
    const bed = await prepared(everybody);
    const people = ["admin", "every", "all", "owner"];
    expect(await asked(bed)).toEqual(people.map((name) => `${name} on telegram`));
  });

  test("returns people on the channel of the session first, then others with a direct chat", async () => {
    const bed = await prepared({
      admin: ["local"],
      every: [],
      all: ["local", "telegram"],
      owner: ["local"],
    });
    expect(await asked(bed)).toEqual(["all on telegram", "admin on local", "owner on local"]);
  });

  test("returns an empty list if no approver has a direct chat", async () => {
    expect(await asked(await prepared({ nobody: ["telegram"], other: ["telegram"] }))).toEqual([]);
  });

  test("returns only admins of both groups or of all, and owners, for a command that names another group", async () => {
    const bed = await prepared(everybody);
    const line = "destinations add --local-name there --target-type agent --target-id ag-other";
    expect(await asked(bed, line.split(" "))).toEqual([
      "all on telegram",
      "every on telegram",
      "owner on telegram",
    ]);
  });

  test("returns admins of all groups, and owners, for a global agent", async () => {
    const bed = await prepared(everybody);
    const line = ["groups", "config", "update", "ag-team", "--model", "opus"];
    const people = ["all", "every", "owner"];
    expect(await asked(bed, line, steward)).toEqual(people.map((name) => `${name} on telegram`));
  });

  test("returns the approvers of the asking group for a question that is not a command", async () => {
    const bed = await prepared(everybody);
    await asked(bed);
    const row = await bed.central.db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    const question = { ...row, kind: "question", scope: "global", command: "no command", args: "" };
    const found = await approversOf(bed.central.db, question, bed.host.commands);
    expect(found.map(({ userId }) => userId)).toEqual(
      ["admin", "every", "all", "owner"].map((name) => `telegram:${name}`),
    );
  });

  test("returns the platform's id of each direct chat, and its bot", async () => {
    const bed = await prepared({ admin: ["telegram"] });
    const dm = { instance: "work", platform_id: "telegram:77" };
    await bed.central.db
      .updateTable("messaging_groups")
      .set(dm)
      .where("id", "like", "mg-telegram-%")
      .execute();
    await asked(bed);
    const row = await bed.central.db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    expect(await approversOf(bed.central.db, row, bed.host.commands)).toEqual([
      { userId: "telegram:admin", channelType: "telegram", platformId: "telegram:77", instance: "work" },
    ]);
  });

  test("leaves out refused people of any role", async () => {
    const bed = await prepared(everybody);
    await addRow(bed.central.db, "refused_people", { user_id: "telegram:every" });
    const people = ["admin", "all", "owner"];
    expect(await asked(bed)).toEqual(people.map((name) => `${name} on telegram`));
  });
});

describe("an approval whose row is damaged", () => {
  test.each([
    { what: "arguments that are not JSON", torn: { args: '{"model":"op' } },
    { what: "arguments that are not an object", torn: { args: "null" } },
    { what: "shown arguments that are cut", torn: { shown: '{"model"' } },
    { what: "consequences that are cut", torn: { consequence: '["From gener' } },
    { what: "consequences that are not lines", torn: { consequence: "[7]" } },
  ])("only the operator can answer an approval with $what", async ({ torn }) => {
    const bed = await prepared(everybody);
    const { db } = bed.central;
    await asked(bed);
    const { approval_id: id } = await db
      .selectFrom("pending_approvals")
      .select("approval_id")
      .executeTakeFirstOrThrow();
    await db.updateTable("pending_approvals").set(torn).execute();
    const row = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    expect(await approversOf(db, row, bed.host.commands)).toEqual([]);
    for (const name of ["admin", "all", "owner"])
      for (const verb of ["approve", "reject"])
        expect(await bed.code(person(name), "approvals", verb, id)).toBe("permission-denied");
    // The row is still listed. The operator's approval runs nothing, since the row does not match its digest.
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([{ id }]);
    expect(await waitingApprovals(db, bed.host.commands, row.created_at)).toMatchObject({
      approvals: [{ card: { id }, mayAnswer: [] }],
    });
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "failed" });
  });
});

/** Admins of one group, of two, of all; chats of `team`, of `other`, of both and of no group. */
const withAdminsAndChats = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  const admins = { other: ["ag-other"], both: ["ag-team", "ag-other"], three: ["ag-team", "ag-home"] };
  for (const [name, groups] of Object.entries({ ...admins, everywhere: [null] })) {
    await addRow(db, "users", { id: `telegram:${name}` });
    for (const agent_group_id of groups)
      await addRow(db, "user_roles", { user_id: `telegram:${name}`, agent_group_id });
  }
  const chats = { "mg-other": ["ag-other"], "mg-both": ["ag-team", "ag-other"] };
  for (const [chat, groups] of Object.entries(chats)) {
    await addRow(db, "messaging_groups", { id: chat, platform_id: chat });
    for (const agent_group_id of groups) {
      const id = `wi-${chat}-${agent_group_id}`;
      await addRow(db, "messaging_group_agents", { id, messaging_group_id: chat, agent_group_id });
    }
  }
  const named = "--agent-group-id ag-team --local-name ag-other --target-type channel --target-id mg-free";
  await bed.ok(operator, "destinations", "add", ...named.split(" "));
  return bed;
};

const to = (type: string, id: string): string =>
  `destinations add --local-name there --target-type ${type} --target-id ${id}`;

/**
 * Admins of: `team`; `team` and `other`; `team` and `home`; all groups. The asking agent is that of `team`.
 */
const own = ["admin", "both", "three", "everywhere"];

/** Whether a person may answer. Restores the approval afterwards. */
const verdict = async ({ code, central }: Bed, name: string, id: string): Promise<boolean> => {
  const before = await central.db.selectFrom("pending_approvals").selectAll().execute();
  const answer = await code(person(name), "approvals", "reject", id);
  for (const row of before)
    await central.db
      .updateTable("pending_approvals")
      .set(row)
      .where("approval_id", "=", row.approval_id)
      .execute();
  return answer === "ok";
};

describe("the groups that a command concerns", () => {
  test.each([
    { what: "nothing but its own group", line: "groups config update --model opus", may: own },
    { what: "its own group", line: to("agent", "ag-team"), may: own },
    { what: "another group", line: to("agent", "ag-other"), may: ["both", "everywhere"] },
    { what: "a third group", line: to("agent", "ag-home"), may: ["three", "everywhere"] },
    { what: "a group without an admin", line: to("agent", "ag-mute"), may: ["everywhere"] },
    { what: "its own chat", line: to("channel", "mg-team"), may: own },
    { what: "a chat that it shares", line: to("channel", "mg-both"), may: own },
    { what: "a chat of another group", line: to("channel", "mg-other"), may: ["both", "everywhere"] },
    { what: "a chat of no group", line: to("channel", "mg-free"), may: ["everywhere"] },
    {
      what: "a name that looks like another group",
      line: "destinations remove --local-name ag-other",
      may: own,
    },
    {
      what: "a person who is admin of another group",
      line: "members add --user telegram:other",
      may: own,
    },
  ])(
    "a command that names $what is answered by admins of every group that it reaches",
    async ({ line, may }) => {
      const bed = await withAdminsAndChats();
      const asked = await bed.ask(member, ...line.split(" "));
      const id = asked.ok ? "" : (asked.approvalId ?? "");
      for (const name of ["admin", "other", "both", "three", "everywhere", "owner", "nobody"]) {
        const expected = may.includes(name) || name === "owner";
        expect([name, await verdict(bed, name, id)]).toEqual([name, expected]);
      }
      expect(await bed.code(operator, "approvals", "reject", id)).toBe("ok");
    },
  );

  test.each([
    { what: "an unknown group", line: to("agent", "ag-none") },
    { what: "a chat by the name of an agent group", line: to("channel", "ag-other") },
    { what: "an unknown chat", line: to("channel", "mg-none") },
  ])("a command that names $what is refused without asking a person", async ({ line }) => {
    const bed = await withAdminsAndChats();
    expect(await bed.code(member, ...line.split(" "))).toBe("not-found");
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
  });

  test("the wirings of a chat at the time of the answer decide, not those at the time of the request", async () => {
    const bed = await withAdminsAndChats();
    const asked = await bed.ask(member, ...to("channel", "mg-team").split(" "));
    const id = asked.ok ? "" : (asked.approvalId ?? "");
    await bed.ok(operator, "wirings", "delete", "wi-team");
    expect(await bed.ask(person("admin"), "approvals", "approve", id)).toMatchObject({
      code: "permission-denied",
      message: expect.stringContaining("an admin of every group that it reaches") as unknown,
    });
    expect(await bed.code(operator, "approvals", "approve", id)).toBe("ok");
  });

  test("a command over two groups is refused at once if no admin has both groups", async () => {
    const bed = await withAdminsAndChats();
    const { db } = bed.central;
    await db
      .deleteFrom("user_roles")
      .where("user_id", "not in", ["telegram:admin", "telegram:other"])
      .execute();
    const line = to("agent", "ag-other").split(" ");
    expect(await bed.ask(member, ...line)).toMatchObject({
      code: "permission-denied",
      message: expect.stringContaining("needs a person's approval") as unknown,
    });
    expect(await bed.code(member, "groups", "update", "--name", "n")).toBe("approval-pending");
    expect(await bed.code(stranger, "groups", "update", "--name", "n")).toBe("approval-pending");
  });
});
