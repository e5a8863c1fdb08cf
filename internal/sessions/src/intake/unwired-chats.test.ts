import { addRow, at } from "@gatehouse/control-plane/testing";
import type { FromPerson } from "@gatehouse/channels";
import { dispatch } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { filesIn } from "../files/files-in.fixture.ts";
import { attached, until } from "../session-bed.fixture.ts";
import { asking, eve, firstCard, givenTo, reasons, type AskingBed } from "./asking.fixture.ts";

/** Eve names the bot in a group chat that no agent answers in. */
const inHall = (id: string, text: string, over: Partial<FromPerson> = {}): FromPerson =>
  eve(id, text, { platformId: "hall", isMention: true, ...over });

const hallOf = ({ central: { db } }: AskingBed) =>
  db.selectFrom("messaging_groups").selectAll().where("platform_id", "=", "hall").executeTakeFirst();
const wiringsOfHall = async (bed: AskingBed) => {
  const { db } = bed.central;
  const chatId = (await hallOf(bed))?.id ?? "none";
  return db
    .selectFrom("messaging_group_agents")
    .select(["agent_group_id", "engage_mode", "engage_pattern"])
    .where("messaging_group_id", "=", chatId)
    .execute();
};
const approvals = ({ central: { db } }: AskingBed) =>
  db.selectFrom("pending_approvals").select(["kind", "status", "session_id", "agent_group_id"]).execute();
const taken = (bed: AskingBed) => bed.happened("message-taken").map(({ id }) => id);
const asOperator = (bed: AskingBed, command: string, args: object) =>
  dispatch({ id: "1", command, args }, { type: "host" }, bed.commands);
const secondGroup = async ({ central: { db } }: AskingBed): Promise<void> =>
  addRow(db, "agent_groups", {
    id: "ag-2",
    name: "Bo",
    folder: "bo",
    created_at: "2027-01-01T00:00:00.000Z",
  });

describe("a message to the bot in a chat that no group answers in", () => {
  test("makes one card for the chat, with the whole text; further messages make no second (case 31)", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello\nbot"));
    const { to, lines, options } = await firstCard(bed);
    expect(to).toBe("ana-on-telegram");
    expect(lines).toEqual([
      expect.stringMatching(/^May Ana answer in a chat\? \(ap-/),
      'From: "Eve" (telegram:7), in the chat telegram hall.',
      "> hello",
      "> bot",
      "Approved, the group answers in this chat where it is named, telegram:7 is a member of it, and the message is passed on.",
      "If you reject, the host drops messages of this chat and asks nobody again.",
      expect.stringMatching(/^It can be answered until /),
    ]);
    expect(options).toEqual([
      { value: "approve:ag-1", label: "Approve" },
      { value: "reject", label: "Reject" },
    ]);
    await bed.running.take(inHall("m-1", "hello\nbot"));
    await bed.running.take(inHall("m-2", "hello?", { userId: "telegram:8" }));
    expect(reasons(bed)).toEqual(["chat-waits"]);
    expect(await approvals(bed)).toEqual([
      { kind: "chat", status: "pending", session_id: null, agent_group_id: null },
    ]);
    expect(bed.cards()).toHaveLength(1);
  });

  test("is nobody's business where the bot is not named: no row, no card (case 20)", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello all", { isMention: false }));
    expect(await hallOf(bed)).toBeUndefined();
    expect(await approvals(bed)).toEqual([]);
    expect(reasons(bed)).toEqual([]);
  });

  test("approved, wires a group chat by mention, admits who wrote, and is passed on once, also by the next host", async () => {
    const bed = await asking();
    const { db } = bed.central;
    await bed.running.take(inHall("m-1", "hello bot"));
    await bed.running.close();
    const next = await bed.host2();
    const { id } = await firstCard(bed);
    await bed.click("local:ana", id, "approve:ag-1");
    await until(() => expect(taken(bed)).toEqual(["m-1"]));
    expect(await wiringsOfHall(bed)).toEqual([
      { agent_group_id: "ag-1", engage_mode: "mention", engage_pattern: null },
    ]);
    expect(await db.selectFrom("agent_group_members").select("user_id").execute()).toEqual([
      { user_id: "telegram:7" },
    ]);
    const ended = db.selectFrom("held_messages").select("ended_at").where("ended_at", "is not", null);
    await until(async () => expect(await ended.execute()).toHaveLength(1));
    await next.close();
    // That host was killed before it noted that the message was passed on.
    const message = JSON.stringify(inHall("m-1", "hello bot"));
    await db.updateTable("held_messages").set({ ended_at: null, message }).execute();
    const last = await bed.host2();
    await until(async () => expect(await ended.execute()).toHaveLength(1));
    await last.take(inHall("m-2", "not to the bot", { isMention: false }));
    await last.take(inHall("m-3", "and again"));
    expect(await givenTo(bed)).toEqual(["hello bot", "and again"]);
    expect(bed.cards()).toHaveLength(1);
  });

  test("approved in a direct chat, lets the agent answer every message there", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello", { isDirect: true, isMention: false }));
    const { id } = await firstCard(bed);
    await bed.click("local:ana", id, "approve:ag-1");
    await until(() => expect(taken(bed)).toEqual(["m-1"]));
    expect(await wiringsOfHall(bed)).toEqual([
      { agent_group_id: "ag-1", engage_mode: "pattern", engage_pattern: "." },
    ]);
    const { db } = bed.central;
    const dm = db.selectFrom("user_dms").select("messaging_group_id").where("user_id", "=", "telegram:7");
    expect(await dm.execute()).toEqual([{ messaging_group_id: (await hallOf(bed))?.id }]);
  });

  test("lets the approver choose where there are several groups, on the card and with ncl", async () => {
    const bed = await asking();
    await secondGroup(bed);
    await bed.running.take(inHall("m-1", "hello", { attachments: [attached("a.txt", "one")] }));
    const { id, options, lines } = await firstCard(bed);
    expect(lines[0]).toMatch(/^Which group may answer in a chat\?/);
    expect(lines).toContain("> [file a.txt, 3 bytes]");
    expect(options.map(({ value }) => value)).toEqual(["approve:ag-1", "approve:ag-2", "reject"]);
    expect(await asOperator(bed, "approvals-approve", { id })).toMatchObject({
      ok: false,
      error: {
        message: expect.stringContaining(
          "--group which group is to answer in this chat: ag-1 (Ana), ag-2 (Bo)",
        ),
      },
    });
    // A refused answer uses nothing up.
    expect(await approvals(bed)).toMatchObject([{ status: "pending" }]);
    expect(await asOperator(bed, "approvals-approve", { id, group: "ag-2" })).toMatchObject({ ok: true });
    await until(() => expect(taken(bed)).toEqual(["m-1"]));
    expect(await wiringsOfHall(bed)).toMatchObject([{ agent_group_id: "ag-2" }]);
    const session = await bed.session();
    expect(await filesIn(bed, session.id, "in")).toEqual({ "m-1/a.txt": "one" });
    await until(async () => expect(await filesIn(bed, "", "held")).toEqual({}));
  });

  test("rejected, is not asked about again, also after a restart, until somebody takes that back (case 32)", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello"));
    const { id } = await firstCard(bed);
    await bed.click("local:ana", id, "reject");
    await until(() => expect(bed.happened("held-message-ended")).toMatchObject([{ status: "rejected" }]));
    await bed.running.close();
    const next = await bed.host2();
    await next.take(inHall("m-2", "hello?"));
    expect(reasons(bed)).toEqual(["chat-refused"]);
    expect(bed.cards()).toHaveLength(1);
    const chat = (await hallOf(bed))?.id ?? "";
    expect(await asOperator(bed, "messaging-groups-get", { id: chat })).toMatchObject({
      data: { refused_by: "user:local:ana", refused_at: expect.any(String) },
    });
    expect(await asOperator(bed, "messaging-groups-ask-again", { id: chat })).toMatchObject({ ok: true });
    await next.take(inHall("m-3", "and now?"));
    await until(() => expect(bed.cards()).toHaveLength(2));
  });

  test("rejected, is wired by hand all the same, and refused no more once that wiring is gone", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello"));
    await bed.click("local:ana", (await firstCard(bed)).id, "reject");
    const messaging_group_id = (await hallOf(bed))?.id ?? "";
    const wired = await asOperator(bed, "wirings-create", { messaging_group_id, agent_group_id: "ag-1" });
    expect(wired).toMatchObject({ ok: true });
    expect(await hallOf(bed)).toMatchObject({ refused_at: null, refused_by: null });
  });

  test("is answered only by owners and admins of all groups, not by who wrote or an admin of one group (case 30)", async () => {
    const bed = await asking();
    const { db } = bed.central;
    await addRow(db, "users", { id: "telegram:8" });
    await addRow(db, "user_roles", { user_id: "telegram:8", role: "admin", agent_group_id: "ag-1" });
    await bed.running.take(inHall("m-1", "hello"));
    const { id } = await firstCard(bed);
    for (const nobody of ["telegram:7", "telegram:8"]) await bed.click(nobody, id, "approve:ag-1");
    expect(await approvals(bed)).toMatchObject([{ status: "pending" }]);
    expect(bed.cards().map(({ to }) => to)).toEqual(["ana-on-telegram"]);
    await addRow(db, "user_roles", { user_id: "telegram:8", role: "admin", agent_group_id: null });
    await bed.click("telegram:8", id, "approve:ag-1");
    expect(await approvals(bed)).toMatchObject([{ status: "approved" }]);
  });

  test("is dropped where there is no owner, or no group: no card, and nothing waits (case 33)", async () => {
    const bed = await asking();
    const { db } = bed.central;
    await db.deleteFrom("user_roles").execute();
    await bed.running.take(inHall("m-1", "hello"));
    await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
    await db.deleteFrom("agent_groups").execute();
    await bed.running.take(inHall("m-2", "hello"));
    expect(reasons(bed)).toEqual(["not-wired", "not-wired"]);
    expect(await approvals(bed)).toEqual([]);
    expect(await hallOf(bed)).toBeUndefined();
  });

  test("is asked about anew once nobody answered in time", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello"));
    await firstCard(bed);
    await bed.central.db.updateTable("pending_approvals").set({ expires_at: at }).execute();
    expect(await bed.commands.expireApprovals()).toBe(1);
    await until(() => expect(bed.happened("held-message-ended")).toMatchObject([{ status: "expired" }]));
    await bed.running.take(inHall("m-2", "still here"));
    await until(() => expect(bed.cards()).toHaveLength(2));
  });

  test("of somebody who is refused everywhere makes no card", async () => {
    const bed = await asking();
    await addRow(bed.central.db, "refused_people", { user_id: "telegram:7" });
    await bed.running.take(inHall("m-1", "hello"));
    expect(reasons(bed)).toEqual(["person-refused"]);
    expect(await approvals(bed)).toEqual([]);
  });

  test("whose chat was deleted meanwhile fails, and says so", async () => {
    const bed = await asking();
    await bed.running.take(inHall("m-1", "hello"));
    const { id } = await firstCard(bed);
    await bed.central.db.deleteFrom("messaging_groups").where("platform_id", "=", "hall").execute();
    await bed.click("local:ana", id, "approve:ag-1");
    await until(() => expect(bed.texts().at(-1)).toMatch(/failed: The chat no longer exists\./));
  });
});
