import { randomUUID } from "node:crypto";
import { at, addRow, hostBed, member, operator, type Bed } from "@gatehouse/control-plane/testing";
import { dispatch } from "@nc/cli-scope";
import { rawClient, tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { join } from "node:path";
import { inspect } from "node:util";
import { fail, ok } from "@gatehouse/std";
import type { Channel, FromPerson, ToChat } from "../channel.ts";
import { hello, messagesOf } from "../local/chat.fixture.ts";
import { localChannel } from "../local/local-channel.ts";
import { approvalCards, type ApprovalCards } from "./approval-cards.ts";

/** A platform that shows each message once, as `send` promises. */
type Platform = Channel & { readonly shown: ToChat[]; readonly isDown: { value: boolean } };

const platform = (type: string): Platform => {
  const shown: ToChat[] = [];
  const isDown = { value: false };
  return {
    type,
    shown,
    isDown,
    start: async () => {},
    close: async () => {},
    send: async (message) => {
      if (isDown.value) return { ok: false, error: { code: "not-reachable", message: "down" } };
      if (!shown.some(({ id }) => id === message.id)) shown.push(message);
      return { ok: true, value: { platformMessageId: null } };
    },
    directChat: async (userId) => ({ ok: true, value: userId }),
  };
};

type CardBed = {
  readonly bed: Bed;
  readonly telegram: Platform;
  /** A host's cards, begun. */
  readonly begin: (channels?: readonly Channel[]) => ApprovalCards;
  /** The agent of `team` asks for a package; the approval's id. */
  readonly ask: (name?: string) => Promise<string>;
};

/** The operator has given `telegram:owner` and `telegram:admin` a chat each, unless the test wants none. */
const cardBed = async (hasChats = true): Promise<CardBed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  if (hasChats)
    for (const name of ["owner", "admin"]) {
      const messaging_group_id = `mg-${name}`;
      await addRow(db, "messaging_groups", { id: messaging_group_id, platform_id: name });
      await addRow(db, "user_dms", { user_id: `telegram:${name}`, messaging_group_id });
    }
  const telegram = platform("telegram");
  return {
    bed,
    telegram,
    begin: (channels = [telegram]) => {
      const cards = approvalCards({
        db,
        now: () => at,
        id: (prefix) => `${prefix}-${randomUUID()}`,
        channels,
        commands: () => bed.host.commands,
        answerUser: (userId, frame) => dispatch(frame, { type: "user", userId }, bed.host),
        report: (error) => bed.bugs.push(error),
        lookMs: 5,
      });
      onTestFinished(() => cards.close());
      cards.start();
      return cards;
    },
    ask: async (name = "docs") => {
      const args = ["--name", name, "--command", "npx", "--env", `{"TOKEN":"hunter2"}`];
      const answer = await bed.ask(member, "groups", "config", "add-mcp-server", ...args);
      if (answer.ok || answer.approvalId === undefined) expect.fail(JSON.stringify(answer));
      return answer.approvalId;
    },
  };
};

const click = (name: string, cardId: string, option: string): FromPerson => ({
  id: randomUUID(),
  channelType: "telegram",
  platformId: name,
  instance: "",
  threadId: null,
  userId: `telegram:${name}`,
  userName: null,
  text: option,
  isMention: false,
  isDirect: true,
  at,
  answer: { cardId, option },
});

const textsTo = ({ shown }: Platform, name: string): readonly string[] =>
  shown.filter(({ platformId, card }) => platformId === name && card === undefined).map(({ text }) => text);

const cardsIn = ({ shown }: Platform): readonly string[] =>
  shown.filter(({ card }) => card !== undefined).map(({ platformId }) => platformId);

const notesOf = async ({ central: { db } }: Bed): Promise<readonly string[]> => {
  const rows = await db.selectFrom("system_messages").select("content").orderBy("created_at").execute();
  return rows.map(({ content }) => (JSON.parse(content) as { readonly text: string }).text);
};

const statusOf = async ({ central: { db } }: Bed, id: string): Promise<string> => {
  const row = await db
    .selectFrom("pending_approvals")
    .select("status")
    .where("approval_id", "=", id)
    .executeTakeFirstOrThrow();
  return row.status;
};

describe("a card", () => {
  test("goes to everybody who may answer, in full and without secrets (case 97)", async () => {
    const { telegram, begin, ask } = await cardBed();
    const id = await ask();
    begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["admin", "owner"]));
    const [{ card, text, from }] = telegram.shown as [ToChat];
    expect(card?.id).toBe(id);
    expect(card?.options.map(({ value }) => value)).toEqual(["approve", "reject"]);
    expect(card?.lines[0]).toMatch(/^ncl groups config add-mcp-server .*--command npx/);
    expect(from).toBeNull();
    for (const shown of [JSON.stringify(card), text]) {
      expect(shown).toContain("TOKEN");
      expect(shown).not.toContain("hunter2");
    }
  });

  test("goes to a person once, also by a host that begins anew, killed before it noted the card", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    await ask();
    const first = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await first.close();
    const cards = bed.central.db.selectFrom("approval_cards").select("user_id");
    await vi.waitFor(async () => expect(await cards.execute()).toHaveLength(2));
    await bed.central.db.deleteFrom("approval_cards").where("user_id", "=", "telegram:owner").execute();
    begin();
    await vi.waitFor(async () => expect(await cards.execute()).toHaveLength(2));
    expect(cardsIn(telegram)).toEqual(["admin", "owner"]);
  });

  test("that one person answers is executed once, and its outcome goes to both and to the session", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await Promise.all([
      cards.answer(click("admin", id, "approve")),
      cards.answer(click("admin", id, "approve")),
    ]);
    const outcome = `${id} (groups config add-mcp-server) is approved by telegram:admin.`;
    await vi.waitFor(() => expect(textsTo(telegram, "owner")).toEqual([outcome]));
    await vi.waitFor(() => expect(textsTo(telegram, "admin")).toContain(outcome));
    expect(textsTo(telegram, "admin")).toContain(
      `${id} was answered already: approved by user:telegram:admin.`,
    );
    expect(await notesOf(bed)).toEqual([
      `Your request "groups config add-mcp-server" was approved and done.`,
    ]);
    const config = await bed.ok(operator, "groups", "config", "get", "ag-team");
    expect(JSON.stringify(config)).toContain("docs");
  });

  test("that is rejected runs nothing, and both are told", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await cards.answer(click("owner", id, "reject"));
    await vi.waitFor(() =>
      expect(textsTo(telegram, "admin").join()).toContain("is rejected by telegram:owner"),
    );
    expect(await statusOf(bed, id)).toBe("rejected");
    expect((await notesOf(bed)).join()).toContain("was rejected");
  });

  test.for([
    { what: "somebody without the right", name: "nobody", option: "approve", says: /owners and admins/ },
    {
      what: "an approver, with an option it does not have",
      name: "admin",
      option: "constructor",
      says: /no option/,
    },
  ])("is not answered by $what, who is told (case 30)", async ({ name, option, says }) => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    await begin().answer(click(name, id, option));
    expect(textsTo(telegram, name)).toEqual([expect.stringMatching(says)]);
    expect(telegram.shown.find(({ platformId, card }) => platformId === name && !card)?.failed).toBe(true);
    expect(await statusOf(bed, id)).toBe("pending");
  });

  test("counts as answered by an admin of all groups it was forwarded to (case 30)", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await addRow(bed.central.db, "users", { id: "telegram:late", display_name: "Late" });
    await addRow(bed.central.db, "user_roles", { user_id: "telegram:late", agent_group_id: null });
    await cards.answer(click("late", id, "approve"));
    expect(textsTo(telegram, "late")).toEqual([expect.stringContaining("is approved by telegram:late")]);
    expect(await statusOf(bed, id)).toBe("approved");
  });

  test("that cannot be delivered is told to the agent once, and goes out when somebody is there (case 98)", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    telegram.isDown.value = true;
    const id = await ask();
    const cards = begin();
    await vi.waitFor(async () => expect(await notesOf(bed)).toHaveLength(1));
    cards.nudge();
    telegram.isDown.value = false;
    cards.nudge();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["admin", "owner"]));
    expect(await notesOf(bed)).toEqual([expect.stringContaining(`ncl approvals approve ${id}`)]);
    expect(await statusOf(bed, id)).toBe("pending");
  });

  test("finds the direct chat of an approver who has none yet, and keeps it (case 34)", async () => {
    const { bed, telegram, begin, ask } = await cardBed(false);
    await ask();
    begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["telegram:admin", "telegram:owner"]));
    const known = await bed.central.db.selectFrom("user_dms").select("user_id").orderBy("user_id").execute();
    expect(known.map(({ user_id }) => user_id)).toEqual(["telegram:admin", "telegram:owner"]);
  });

  const token = "bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
  test.for([
    { how: "says so", fails: async () => fail({ code: "not-reachable", message: token } as const) },
    { how: "throws", fails: () => Promise.reject(new Error(`GET https://api.example/${token}/getChat`)) },
  ])(
    "reaches the others where a channel $how for one person: each is asked once, no token is reported (case 34)",
    async ({ how, fails }) => {
      const { bed, telegram, begin, ask } = await cardBed(false);
      const asked: string[] = [];
      const directChat: Channel["directChat"] = async (userId) => {
        asked.push(userId);
        return userId === "telegram:admin" ? fails() : ok(userId);
      };
      const channel = { ...telegram, directChat };
      await ask();
      const cards = begin([channel]);
      await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["telegram:owner"]));
      expect(asked.toSorted()).toEqual(["telegram:admin", "telegram:owner"]);
      // A further approval asks once more for the one that failed, and not for the one that is kept.
      await ask("more");
      await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
      await cards.close();
      expect(asked.toSorted()).toEqual(["telegram:admin", "telegram:admin", "telegram:owner"]);
      const reported = bed.bugs.splice(0).map((bug) => inspect(bug));
      expect(reported).toHaveLength(how === "throws" ? 2 : 0);
      expect(reported.join()).not.toContain(token);
    },
  );

  test("that expired is told to who was asked, and can be answered no more (case 100)", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    bed.later(25 * 60 * 60 * 1000);
    await bed.host.expireApprovals();
    await vi.waitFor(() => expect(textsTo(telegram, "owner").join()).toContain("no answer came in time"));
    await cards.answer(click("admin", id, "approve"));
    expect(textsTo(telegram, "admin").join()).toContain("expired at");
    expect((await notesOf(bed)).join()).toContain("Nobody answered your request");
  });

  test("of a person who left users.yaml decides nothing, and its outcome is not told to them", async () => {
    const { bed, telegram, begin, ask } = await cardBed();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await addRow(bed.central.db, "refused_people", { user_id: "telegram:admin" });
    await cards.answer(click("admin", id, "approve"));
    expect(await statusOf(bed, id)).toBe("pending");
    expect(textsTo(telegram, "admin")).toEqual(["Approvals are shown to owners and admins."]);
    await cards.answer(click("owner", id, "reject"));
    const open = bed.central.db.selectFrom("approval_cards").select("user_id").where("closed_at", "is", null);
    await vi.waitFor(async () => expect(await open.execute()).toEqual([]));
    expect(textsTo(telegram, "owner").join()).toContain("is rejected");
    expect(textsTo(telegram, "admin")).toHaveLength(1);
  });

  test("waits in the local chat of an approver until they open it, and is gone once it is answered", async () => {
    const { bed, begin, ask } = await cardBed(false);
    const { db } = bed.central;
    await addRow(db, "users", { id: "local:eve", kind: "local", display_name: "Eve" });
    await addRow(db, "user_roles", { user_id: "local:eve", agent_group_id: null });
    const folder = tempFolder();
    const socketPath = join(folder, "chat.sock");
    const id = (prefix: string): string => `${prefix}-${randomUUID()}`;
    const local = localChannel({
      ...{ db, socketPath, filesDir: join(folder, "files"), now: () => at, id },
      report: (bug) => bed.bugs.push(bug),
    });
    onTestFinished(() => local.close());
    const cards = begin([local]);
    await local.start(cards.answer);
    const approvalId = await ask();
    const seen = db.selectFrom("approval_cards").select("user_id");
    await vi.waitFor(async () => expect(await seen.execute()).toEqual([{ user_id: "local:eve" }]));

    const eve = rawClient(socketPath);
    eve.say(hello("team", "eve"));
    await vi.waitFor(() => expect(messagesOf(eve)).toHaveLength(1));
    expect(messagesOf(eve)[0]?.card).toMatchObject({ id: approvalId });
    const said = { type: "answer", id: randomUUID(), cardId: approvalId, option: "approve" };
    eve.say(`${JSON.stringify(said)}\n`);
    await vi.waitFor(() => expect(messagesOf(eve)).toHaveLength(2));
    expect(messagesOf(eve)[1]).toMatchObject({ from: null, inReplyTo: messagesOf(eve)[0]?.id });
    expect(messagesOf(eve)[1]?.text).toContain("is approved by local:eve");

    const again = rawClient(socketPath);
    again.say(hello("team", "eve") + `${JSON.stringify({ ...said, id: "1" })}\n`);
    await again.hear(2);
    expect(messagesOf(again)).toEqual([]);
    for (const client of [eve, again]) client.socket.destroy();
  });
});
