import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, person, steward, member, type Bed } from "@gatehouse/dispatch/testing";

/** The person `local:bo`, an admin and member of `ag-team`, with a direct chat in which `ag-team` answers. */
const bedWithBo = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  await addRow(db, "users", { id: "local:bo", kind: "local", display_name: "Bo" });
  await addRow(db, "user_roles", { user_id: "local:bo", role: "admin", agent_group_id: "ag-team" });
  await addRow(db, "agent_group_members", { user_id: "local:bo", agent_group_id: "ag-team" });
  await addRow(db, "messaging_groups", {
    id: "mg-bo",
    channel_type: "local",
    platform_id: "bo",
    user_id: "local:bo",
  });
  await addRow(db, "user_dms", { user_id: "local:bo", channel_type: "local", messaging_group_id: "mg-bo" });
  await addRow(db, "messaging_group_agents", {
    id: "wi-bo",
    messaging_group_id: "mg-bo",
    agent_group_id: "ag-team",
  });
  await addRow(db, "sessions", { id: "se-bo", agent_group_id: "ag-team", messaging_group_id: "mg-bo" });
  return bed;
};

const ids = async (bed: Bed, table: "users" | "messaging_groups" | "messaging_group_agents" | "sessions") =>
  (await bed.central.db.selectFrom(table).select("id").orderBy("id").execute()).map(({ id }) => id);

describe("users delete", () => {
  test("deletes a person with roles, memberships, the direct chat, its wiring and its session", async () => {
    const bed = await bedWithBo();
    expect(await bed.ok(operator, "users", "delete", "local:bo")).toMatchObject({
      id: "local:bo",
      deleted: true,
      removed: { roles: 1, members: 1, wirings: 1, sessions: 1, direct_chats: 1 },
      stopping: 1,
      erased: null,
    });
    expect(await ids(bed, "users")).toEqual(["telegram:admin", "telegram:nobody", "telegram:owner"]);
    expect(await ids(bed, "messaging_groups")).toEqual(["mg-free", "mg-team"]);
    expect(await ids(bed, "messaging_group_agents")).toEqual(["wi-team"]);
    expect(await ids(bed, "sessions")).not.toContain("se-bo");
    expect(await bed.ok(operator, "roles", "list", "--group", "ag-team")).toHaveLength(1);
    expect(await bed.ok(operator, "members", "list", "--group", "ag-team")).toEqual([]);
  });

  test("takes the person's name for the id, and says that a deleted person is not there", async () => {
    const bed = await bedWithBo();
    await bed.ok(operator, "users", "delete", "Bo");
    expect(await bed.ask(operator, "users", "delete", "local:bo")).toMatchObject({ code: "not-found" });
    expect(await bed.ask(operator, "users", "delete", "local:bo", "--erase")).toMatchObject({
      code: "not-found",
    });
  });

  test.each([
    {
      what: "another person's direct chat in which the host reaches them",
      row: { user_id: "telegram:owner" },
    },
    { what: "a direct chat of no known person, with their name", row: { user_id: null } },
    { what: "a chat of several people", row: { user_id: null, is_group: 1 } },
    { what: "the chat of a person whose id only begins the same", row: { user_id: "local:bob" } },
  ])("keeps $what", async ({ row }) => {
    const bed = await bedWithBo();
    await bed.central.db.updateTable("messaging_groups").set(row).where("id", "=", "mg-bo").execute();
    await bed.ok(operator, "users", "delete", "local:bo");
    expect(await ids(bed, "messaging_groups")).toContain("mg-bo");
    expect(await ids(bed, "sessions")).toContain("se-bo");
  });

  test("deletes all direct chats of the person, on each channel", async () => {
    const bed = await bedWithBo();
    const { db } = bed.central;
    await addRow(db, "messaging_groups", {
      id: "mg-bo2",
      channel_type: "local",
      platform_id: "bo/ag-other",
      user_id: "local:bo",
    });
    await addRow(db, "messaging_groups", { id: "mg-bo3", platform_id: "telegram:7", user_id: "local:bo" });
    await bed.ok(operator, "users", "delete", "local:bo");
    expect(await ids(bed, "messaging_groups")).toEqual(["mg-free", "mg-team"]);
  });

  test("refuses the last owner, and deletes an owner beside another", async () => {
    const bed = await bedWithBo();
    expect(await bed.ask(operator, "users", "delete", "telegram:owner")).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("ncl roles grant --user CHANNEL:ID --role owner"),
    });
    await bed.ok(operator, "roles", "grant", "--user", "local:bo", "--role", "owner");
    expect(await bed.code(operator, "users", "delete", "telegram:owner")).toBe("ok");
    expect(await bed.code(operator, "users", "delete", "local:bo")).toBe("forbidden");
  });

  test("refuses a person of users.yaml, and names the command that removes them", async () => {
    const bed = await bedWithBo();
    await addRow(bed.central.db, "file_users", { user_id: "telegram:nobody", entry: "{}" });
    expect(await bed.ask(operator, "users", "delete", "telegram:nobody")).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("sudo gatehouse users remove telegram:nobody"),
    });
    expect(await ids(bed, "users")).toContain("telegram:nobody");
  });

  test.each([
    { who: "an agent of the group", actor: member },
    { who: "a global agent", actor: steward },
    { who: "an owner in a chat", actor: person("telegram:owner") },
  ])("is refused for $who", async ({ actor }) => {
    const bed = await bedWithBo();
    expect(await bed.code(actor, "users", "delete", "local:bo")).not.toMatch(/ok|approval-pending/);
    expect(await ids(bed, "users")).toContain("local:bo");
  });

  test("a stranger's message that waits is no longer asked about", async () => {
    const bed = await bedWithBo();
    const { db } = bed.central;
    const unbound = { session_id: null, agent_group_id: null };
    await addRow(db, "pending_approvals", {
      ...unbound,
      approval_id: "ap-bo",
      kind: "sender",
      status: "pending",
      sender_id: "local:bo",
      messaging_group_id: "mg-team",
    });
    await bed.ok(operator, "users", "delete", "local:bo");
    const [row] = await db.selectFrom("pending_approvals").select("status").execute();
    expect(row).toEqual({ status: "expired" });
  });
});

test("users delete removes what the person wrote behind a question, with its files, and nothing of others", async () => {
  const bed = await bedWithBo();
  const { db } = bed.central;
  const unbound = { session_id: null, agent_group_id: null };
  await addRow(db, "pending_approvals", {
    ...unbound,
    approval_id: "ap-al",
    kind: "chat",
    status: "pending",
    sender_id: "local:al",
    messaging_group_id: "mg-team",
  });
  const waits = { waits_for: "ap-al", routed_at: null };
  for (const [seq, id, user_id] of [
    [1, "m-2", "local:bo"],
    [2, "m-3", "local:bob"],
  ] as const) {
    await addRow(db, "local_messages", { ...waits, id, seq, user_id, direction: "in" });
    await addRow(db, "messenger_updates", { ...waits, update_id: seq, message_id: `t-${id}`, user_id });
    for (const box of ["chat-in", "in"] as const)
      await addRow(db, "session_files", { id: `f-${id}-${box}`, message_id: id, box, session_id: "" });
  }
  await bed.ok(operator, "users", "delete", "local:bo");
  const left = [
    await db.selectFrom("local_messages").select("id").where("waits_for", "=", "ap-al").execute(),
    await db.selectFrom("messenger_updates").select("message_id as id").where("content", "!=", "").execute(),
  ];
  expect(left).toEqual([[{ id: "m-3" }], [{ id: "t-m-3" }]]);
  const routed = db.selectFrom("local_messages").select("id").where("routed_at", "is not", null);
  expect(await routed.execute()).toEqual([{ id: "m-2" }]);
  const files = await db.selectFrom("session_files").select("id").orderBy("id").execute();
  expect(files.map(({ id }) => id)).toEqual(["f-m-2-in", "f-m-3-chat-in", "f-m-3-in"]);
  const question = await db.selectFrom("pending_approvals").select("status").execute();
  expect(question).toEqual([{ status: "pending" }]);
});

describe("users delete --erase", () => {
  const said = async (bed: Bed) => {
    const { db } = bed.central;
    const line = { direction: "in", text: "hunter2", from_name: "Bo", routed_at: "2026-11-20T07:00:00.000Z" };
    await addRow(db, "local_messages", {
      ...line,
      id: "lm-1",
      seq: 1,
      platform_id: "bo",
      user_id: "local:bo",
    });
    await addRow(db, "local_messages", { ...line, id: "lm-2", seq: 2, platform_id: "bo", direction: "out" });
    await addRow(db, "local_messages", {
      ...line,
      id: "lm-3",
      seq: 1,
      platform_id: "room",
      user_id: "local:bo",
    });
    await addRow(db, "local_messages", {
      ...line,
      id: "lm-4",
      seq: 2,
      platform_id: "room",
      user_id: "local:al",
    });
    for (const [id, message_id, box] of [
      ["f-1", "lm-1", "chat-in"],
      ["f-2", "lm-4", "chat-in"],
      ["f-3", "m-1", "in"],
      ["f-4", "m-3", "in"],
    ] as const)
      await addRow(db, "session_files", { id, message_id, box, session_id: box === "in" ? "se-team" : "" });
    const content = (sender: string) => JSON.stringify({ text: `hunter2 of ${sender}`, sender });
    const message = { session_id: "se-team", kind: "chat", status: "completed", told: 1 } as const;
    await addRow(db, "session_messages_in", { ...message, id: "m-1", seq: 2, content: content("local:bo") });
    await addRow(db, "session_messages_in", { ...message, id: "m-2", seq: 4, content: content("local:bob") });
    await addRow(db, "session_messages_in", {
      ...message,
      id: "m-3",
      seq: 6,
      content: content("local:bo"),
      status: "pending",
    });
    await addRow(db, "session_messages_in", {
      ...message,
      id: "m-4",
      seq: 8,
      content: JSON.stringify({ text: 'says "sender":"local:bo"', sender: "local:al" }),
    });
  };

  test("removes their words, keeps the rows and the words of others, and says what stays", async () => {
    const bed = await bedWithBo();
    await said(bed);
    const { db } = bed.central;
    const reply = await bed.ok(operator, "users", "delete", "local:bo", "--erase");
    expect(reply).toMatchObject({ erased: { chat_messages: 3, session_messages: 1, in_work: 1 } });
    expect((reply as { stays: string[] }).stays.join("\n")).toMatch(
      /1 messages that an agent has not finished[^]*history of their CLI[^]*backups/,
    );
    const lines = await db
      .selectFrom("local_messages")
      .select(["id", "seq", "text", "user_id"])
      .orderBy("id")
      .execute();
    expect(lines).toEqual([
      { id: "lm-1", seq: 1, text: "(erased)", user_id: null },
      { id: "lm-2", seq: 2, text: "(erased)", user_id: null },
      { id: "lm-3", seq: 1, text: "(erased)", user_id: null },
      { id: "lm-4", seq: 2, text: "hunter2", user_id: "local:al" },
    ]);
    const files = await db.selectFrom("session_files").select("id").orderBy("id").execute();
    expect(files.map(({ id }) => id)).toEqual(["f-2", "f-4"]);
    const messages = await db
      .selectFrom("session_messages_in")
      .select(["id", "content"])
      .orderBy("id")
      .execute();
    expect(messages.map(({ id, content }) => [id, (JSON.parse(content) as { text: string }).text])).toEqual([
      ["m-1", "(erased)"],
      ["m-2", "hunter2 of local:bob"],
      ["m-3", "hunter2 of local:bo"],
      ["m-4", 'says "sender":"local:bo"'],
    ]);
  });

  test("removes the messages to their chat at a messenger, and keeps the rows", async () => {
    const bed = await bedWithBo();
    const { db } = bed.central;
    await addRow(db, "users", { id: "telegram:8" });
    await addRow(db, "messaging_groups", { id: "mg-8", platform_id: "telegram:8", user_id: "telegram:8" });
    for (const chat of ["telegram:8", "telegram:9"])
      await addRow(db, "messenger_sends", {
        message_id: `re-${chat}`,
        chat,
        content: "hunter2",
        card: "hunter2",
      });
    for (const chat of ["telegram:8", "telegram:9"])
      await addRow(db, "messenger_updates", { chat, content: "hunter2", update_id: Number(chat.at(-1)) });
    const reply = await bed.ok(operator, "users", "delete", "telegram:8", "--erase");
    expect(reply).toMatchObject({ erased: { chat_messages: 1 } });
    const sends = await db
      .selectFrom("messenger_sends")
      .select(["chat", "content", "card"])
      .orderBy("chat")
      .execute();
    expect(sends).toEqual([
      { chat: "telegram:8", content: "", card: null },
      { chat: "telegram:9", content: "hunter2", card: "hunter2" },
    ]);
    const updates = await db
      .selectFrom("messenger_updates")
      .select(["content", "routed_at"])
      .orderBy("chat")
      .execute();
    expect(updates).toEqual([
      { content: "", routed_at: expect.any(String) as string },
      { content: "hunter2", routed_at: null },
    ]);
  });

  test("erases what was still in work once it has ended, also after the person is gone", async () => {
    const bed = await bedWithBo();
    await said(bed);
    await bed.ok(operator, "users", "delete", "local:bo", "--erase");
    await bed.central.db.updateTable("session_messages_in").set({ status: "completed" }).execute();
    const again = await bed.ok(operator, "users", "delete", "local:bo", "--erase");
    expect(again).toMatchObject({ deleted: false, erased: { session_messages: 1, in_work: 0 } });
  });

  test("without --erase every word stays, and the reply names --erase", async () => {
    const bed = await bedWithBo();
    await said(bed);
    const reply = await bed.ok(operator, "users", "delete", "local:bo");
    expect(reply).toMatchObject({ stays: [expect.stringContaining("ncl users delete local:bo --erase")] });
    const lines = await bed.central.db.selectFrom("local_messages").select("text").execute();
    expect(lines.every(({ text }) => text === "hunter2")).toBe(true);
  });
});
