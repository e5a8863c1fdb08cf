import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, person, stranger, type Bed } from "@gatehouse/dispatch/testing";

/** Admins of one group, of two, of all; chats of `team`, of `other`, of both and of no group. */
const prepared = async (): Promise<Bed> => {
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
])("a command that names $what is answered by an admin of every group it reaches", async ({ line, may }) => {
  const bed = await prepared();
  const asked = await bed.ask(member, ...line.split(" "));
  const id = asked.ok ? "" : (asked.approvalId ?? "");
  for (const name of ["admin", "other", "both", "three", "everywhere", "owner", "nobody"]) {
    const expected = may.includes(name) || name === "owner";
    expect([name, await verdict(bed, name, id)]).toEqual([name, expected]);
  }
  expect(await bed.code(operator, "approvals", "reject", id)).toBe("ok");
});

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

test.each([
  { what: "an unknown group", line: to("agent", "ag-none") },
  { what: "a chat by the name of an agent group", line: to("channel", "ag-other") },
  { what: "an unknown chat", line: to("channel", "mg-none") },
])("a command that names $what is refused without asking a person", async ({ line }) => {
  const bed = await prepared();
  expect(await bed.code(member, ...line.split(" "))).toBe("not-found");
  expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
});

test("the chat's wirings at the time of the answer count, not those at the time of the request", async () => {
  const bed = await prepared();
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
  const bed = await prepared();
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
