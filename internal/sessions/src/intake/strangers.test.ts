import { addRow, at } from "@gatehouse/control-plane/testing";
import { describe, expect, test } from "vitest";
import { filesIn } from "../files/files-in.fixture.ts";
import { attached, until } from "../session-bed.fixture.ts";
import { asking, eve, firstCard, givenTo, reasons, type AskingBed } from "./asking.fixture.ts";

const members = ({ central: { db } }: AskingBed) =>
  db.selectFrom("agent_group_members").select(["user_id", "agent_group_id"]).execute();
describe("a stranger who writes where the chat asks about strangers", () => {
  test("makes one card, on the chat's own channel, with the whole text; more messages make no second (case 28)", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "hello\nIt can be answered for ever.\u202e"));
    const { to, lines } = await firstCard(bed);
    expect(to).toBe("ana-on-telegram");
    expect(lines).toEqual([
      expect.stringMatching(/^May telegram:7 write to Ana\? \(ap-/),
      'From: "Eve" (telegram:7), in the chat telegram room.',
      "> hello",
      "> It can be answered for ever.\\u202e",
      expect.stringMatching(/^Approved, telegram:7 is a member of Ana/),
      expect.stringMatching(/^Rejected, no message of telegram:7/),
      expect.stringMatching(/^It can be answered until /),
    ]);
    await bed.running.take(eve("m-1", "hello"));
    await bed.running.take(eve("m-2", "hello?"));
    expect(reasons(bed)).toEqual(["sender-waits"]);
    const waiting = await bed.central.db.selectFrom("pending_approvals").select(["kind", "status"]).execute();
    expect(waiting).toEqual([{ kind: "sender", status: "pending" }]);
    expect(bed.cards()).toHaveLength(1);
    expect(bed.texts().filter((text) => !text.startsWith("May telegram:7"))).toEqual([]);
  });

  test("is a member once approved, and the message is passed on once, also by the next host (case 29)", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "hello"));
    const { id } = await firstCard(bed);
    await bed.click("local:ana", id, "approve");
    await until(() => expect(bed.happened("message-taken").map((one) => one["id"])).toEqual(["m-1"]));
    expect(await members(bed)).toEqual([{ user_id: "telegram:7", agent_group_id: "ag-1" }]);
    const { db } = bed.central;
    expect(
      await db.selectFrom("users").select("display_name").where("id", "=", "telegram:7").execute(),
    ).toEqual([{ display_name: "Eve" }]);
    const ended = db.selectFrom("held_messages").select("ended_at").where("ended_at", "is not", null);
    await until(async () => expect(await ended.execute()).toHaveLength(1));
    await bed.running.close();
    // The first host was killed before it noted that the message was passed on.
    const message = JSON.stringify(eve("m-1", "hello"));
    await db.updateTable("held_messages").set({ ended_at: null, message }).execute();
    const next = await bed.host2();
    await until(async () => expect(await ended.execute()).toHaveLength(1));
    await next.take(eve("m-2", "and again"));
    expect(await givenTo(bed)).toEqual(["hello", "and again"]);
    expect(bed.cards()).toHaveLength(1);
  });

  test("has the files of the message kept out of the agent's sight until then, named on the card", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "look", { attachments: [attached("a.txt", "one")] }));
    const { id, lines } = await firstCard(bed);
    expect(lines).toContain("> [file a.txt, 3 bytes]");
    const { id: sessionId } = await bed.session();
    const both = async () => [await filesIn(bed, sessionId, "held"), await filesIn(bed, sessionId, "in")];
    expect(await both()).toEqual([{ "m-1/a.txt": "one" }, {}]);
    await bed.running.close();
    await bed.host2();
    await bed.click("local:ana", id, "approve");
    await until(async () => expect(await both()).toEqual([{}, { "m-1/a.txt": "one" }]));
  });

  test("whose right is taken back before the message is passed on is asked about again, with its files", async () => {
    const bed = await asking();
    const { db } = bed.central;
    await bed.running.take(eve("m-1", "look", { attachments: [attached("a.txt", "one")] }));
    await bed.running.close();
    // Approved, and no member any more when the next host starts.
    await db.updateTable("pending_approvals").set({ status: "approved" }).execute();
    await bed.host2();
    const held = db.selectFrom("held_messages").select("ended_at").orderBy("ended_at");
    await until(async () => expect((await held.execute()).filter((one) => one.ended_at)).toHaveLength(1));
    await until(() => expect(bed.happened("held-message-ended")).toHaveLength(1));
    const { id: sessionId } = await bed.session();
    await until(async () => {
      // The first question is answered; the second may have its card later.
      for (const { id } of bed.cards()) await bed.click("local:ana", id, "approve");
      expect(await filesIn(bed, sessionId, "in")).toEqual({ "m-1/a.txt": "one" });
    });
  });

  test("is no member once rejected, and is refused without a card, also after a restart (cases 29, 32)", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "hello", { attachments: [attached("a", "x")] }));
    const { id } = await firstCard(bed);
    await bed.click("local:ana", id, "reject");
    await until(() => expect(bed.happened("held-message-ended")).toMatchObject([{ status: "rejected" }]));
    const { id: sessionId } = await bed.session();
    await until(async () => expect(await filesIn(bed, sessionId, "held")).toEqual({}));
    expect(await filesIn(bed, sessionId, "in")).toEqual({});
    await bed.running.close();
    const next = await bed.host2();
    await next.take(eve("m-2", "hello?"));
    expect(reasons(bed)).toEqual(["person-refused"]);
    expect(await members(bed)).toEqual([]);
    expect(bed.cards()).toHaveLength(1);
    await addRow(bed.central.db, "users", { id: "telegram:7" });
    await addRow(bed.central.db, "agent_group_members", { user_id: "telegram:7" });
    await next.take(eve("m-3", "I was added by hand"));
    expect(await givenTo(bed)).toEqual(["I was added by hand"]);
  });

  test("is not let in by somebody without the right who was forwarded the card (case 30)", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "hello"));
    const { id } = await firstCard(bed);
    await bed.click("telegram:7", id, "approve");
    expect(bed.texts().at(-1)).toMatch(/owners and admins/);
    expect(await members(bed)).toEqual([]);
    await addRow(bed.central.db, "users", { id: "telegram:8" });
    await addRow(bed.central.db, "user_roles", {
      user_id: "telegram:8",
      role: "admin",
      agent_group_id: null,
    });
    await bed.click("telegram:8", id, "approve");
    expect(await members(bed)).toHaveLength(1);
  });

  test("is dropped where nobody may answer: no card, and nothing waits (case 33)", async () => {
    const bed = await asking();
    const { db } = bed.central;
    await db.deleteFrom("user_roles").execute();
    await bed.running.take(eve("m-1", "hello"));
    expect(reasons(bed)).toEqual(["nobody-asked"]);
    expect(await db.selectFrom("pending_approvals").selectAll().execute()).toEqual([]);
    expect(await db.selectFrom("held_messages").selectAll().execute()).toEqual([]);
  });

  test("is asked about anew once nobody answered in time", async () => {
    const bed = await asking();
    await bed.running.take(eve("m-1", "hello"));
    await firstCard(bed);
    await bed.central.db.updateTable("pending_approvals").set({ expires_at: at }).execute();
    expect(await bed.commands.expireApprovals()).toBe(1);
    await until(() => expect(bed.happened("held-message-ended")).toMatchObject([{ status: "expired" }]));
    await bed.running.take(eve("m-2", "still here"));
    await until(() => expect(bed.cards()).toHaveLength(2));
    expect(await bed.central.db.selectFrom("system_messages").selectAll().execute()).toEqual([]);
  });

  test("is told on this machine: that somebody is asked, and that the answer was no", async () => {
    const bed = await asking({ channelType: "local" });
    await bed.running.take(eve("m-1", "hello", { channelType: "local" }));
    const { id, to } = await firstCard(bed);
    expect(to).toBe("ana-on-local");
    const toEve = () => bed.channel.sent.filter(({ platformId }) => platformId === "room");
    expect(toEve()).toMatchObject([{ id: "held-m-1", inReplyTo: null }]);
    await bed.click("local:ana", id, "reject");
    await until(() => expect(toEve()).toHaveLength(2));
    expect(toEve()[1]).toMatchObject({
      inReplyTo: "m-1",
      failed: true,
      text: expect.stringMatching(/refused/),
    });
  });
});
