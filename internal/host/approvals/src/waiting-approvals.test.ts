import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member } from "@gatehouse/dispatch/testing";
import { waitingApprovals } from "./waiting-approvals.ts";

const update = ["groups", "config", "update", "--model", "opus"] as const;

describe("waitingApprovals", () => {
  test("gives the question, the group, the time and the approvers of each", async () => {
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
          isAnswered: false,
          consequence: expect.any(Array),
          since: row.created_at,
          until: row.expires_at,
          mayAnswer: ["telegram:admin", "telegram:owner"],
        },
      ],
    });
    // An approval that can no longer be answered is left out.
    expect(await waitingApprovals(db, host.commands, row.expires_at)).toEqual({ approvals: [], more: 0 });
  });

  test("leaves out answered approvals, refused people and characters that control a terminal", async () => {
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

  test("gives the groups to choose for a chat by name, or by id if several groups have the name", async () => {
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

  test("gives the oldest thousand, and the number of further ones", async () => {
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
