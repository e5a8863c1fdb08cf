import { describe, expect, test } from "vitest";
import { addRow } from "../database/sample-rows.fixture.ts";
import { hostBed, member } from "../dispatch/host.fixture.ts";
import { waitingApprovals } from "./waiting-approvals.ts";

const update = ["groups", "config", "update", "--model", "opus"] as const;

describe("the approvals that wait", () => {
  test("are told with what is asked, of which group, since when, and who may answer", async () => {
    const { ask, central, host } = await hostBed();
    expect(await ask(member, ...update)).toMatchObject({ code: "approval-pending" });
    const { db } = central;
    const row = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    const waiting = await waitingApprovals(db, host.commands, row.created_at);
    expect(waiting).toEqual({
      more: 0,
      approvals: [
        {
          id: row.approval_id,
          kind: "command",
          group: expect.any(String),
          choices: [],
          asks: expect.stringMatching(/^ncl groups config update .*--model opus/),
          consequence: expect.any(Array),
          since: row.created_at,
          until: row.expires_at,
          mayAnswer: ["telegram:admin", "telegram:owner"],
        },
      ],
    });
    // One that can no longer be answered waits for nobody.
    expect(await waitingApprovals(db, host.commands, row.expires_at)).toEqual({ approvals: [], more: 0 });
  });

  test("leave out answered ones and people who were refused, and have no character that acts on a terminal", async () => {
    const { ask, central, host } = await hostBed();
    await ask(member, ...update);
    const { db } = central;
    const { created_at: now, ...row } = await db
      .selectFrom("pending_approvals")
      .selectAll()
      .executeTakeFirstOrThrow();
    const shown = JSON.stringify({ user: "telegram:7\u001b[2J" });
    const stranger = { ...row, kind: "sender", shown, consequence: null, created_at: now };
    await addRow(db, "pending_approvals", { ...stranger, approval_id: "ap-a" });
    await addRow(db, "pending_approvals", { ...stranger, approval_id: "ap-b", status: "rejected" });
    await addRow(db, "refused_people", { user_id: "telegram:admin" });
    const { approvals: waiting } = await waitingApprovals(db, host.commands, now);
    expect(waiting.map(({ id }) => id).sort()).toEqual([row.approval_id, "ap-a"].sort());
    const asked = waiting.find(({ id }) => id === "ap-a");
    expect(asked?.asks).toMatch(/^May telegram:7\\u001b\[2J write to .*\?$/);
    expect(asked?.mayAnswer).toEqual(["telegram:owner"]);
  });

  test("name the groups that may be chosen for a chat: by name, or by id where a name is not one group's", async () => {
    const { ask, central, host } = await hostBed();
    await ask(member, ...update);
    const { db } = central;
    const row = await db.selectFrom("pending_approvals").selectAll().executeTakeFirstOrThrow();
    await addRow(db, "agent_groups", { id: "ag-x", name: "Twin", folder: "f-x" });
    await addRow(db, "agent_groups", { id: "ag-y", name: "Twin", folder: "f-y" });
    await addRow(db, "agent_groups", { id: "ag-z", name: "Only", folder: "f-z" });
    const chat = { ...row, kind: "chat", agent_group_id: null, command: "chat" };
    await addRow(db, "pending_approvals", { ...chat, approval_id: "ap-chat" });
    const { approvals } = await waitingApprovals(db, host.commands, row.created_at);
    const choices = approvals.find(({ id }) => id === "ap-chat")?.choices;
    expect(choices).toEqual(expect.arrayContaining(["ag-x", "ag-y", "Only"]));
    expect(choices).not.toContain("Twin");
  });

  test("are the oldest thousand, and it is said how many more there are", async () => {
    const { ask, central, host } = await hostBed();
    await ask(member, ...update);
    const { db } = central;
    const { approval_id: id, ...row } = await db
      .selectFrom("pending_approvals")
      .selectAll()
      .executeTakeFirstOrThrow();
    const numbers = Array.from({ length: 1_004 }, (_, index) => `${id}-${String(index).padStart(4, "0")}`);
    for (let from = 0; from < numbers.length; from += 50)
      await db
        .insertInto("pending_approvals")
        .values(numbers.slice(from, from + 50).map((approval_id) => ({ ...row, approval_id })))
        .execute();
    const { approvals, more } = await waitingApprovals(db, host.commands, row.created_at);
    expect({ first: approvals[0]?.id, read: approvals.length, more }).toEqual({
      ...{ first: id, read: 1_000, more: 5 },
    });
  });
});
