import { randomUUID } from "node:crypto";
import { cardOf, holdTool, withdrawTools } from "@gatehouse/approvals";
import { at, addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, type Bed } from "@gatehouse/dispatch/testing";
import { dispatch } from "@nc/cli-scope";
import type { ToolRequest } from "@gatehouse/session-rows/messages";
import { rawClient, tempFolder } from "@gatehouse/socket-server/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { join } from "node:path";
import { inspect } from "node:util";
import { fail } from "@gatehouse/std";
import type { Channel, FromPerson, ToChat } from "../channel.ts";
import { noInbox } from "../testing/channel-bench.ts";
import { hello, messagesOf } from "../local/chat.fixture.ts";
import { localChannel } from "../local/local-channel.ts";
import { approvalCards, type ApprovalCards } from "./approval-cards.ts";

/** A platform that shows each message once, as `send` requires. */
type Platform = Channel & { readonly shown: ToChat[]; readonly isDown: { value: boolean } };

const platform = (type: string): Platform => {
  const shown: ToChat[] = [];
  const isDown = { value: false };
  return {
    type,
    shown,
    isDown,
    ...noInbox,
    start: async () => {},
    close: async () => {},
    send: async (message) => {
      if (isDown.value) return { ok: false, error: { code: "not-reachable", message: "down" } };
      if (!shown.some(({ id }) => id === message.id)) shown.push(message);
      return { ok: true, value: { platformMessageId: null } };
    },
    ended: async () => {},
    directChat: async (platformId, stored) => (stored === null ? { platformId, instance: "" } : null),
  };
};

type CardFixture = {
  readonly fixture: Bed;
  readonly telegram: Platform;
  /** Starts the cards of a host. */
  readonly begin: (channels?: readonly Channel[]) => ApprovalCards;
  /** The digest of the card that an approval has now. */
  readonly seen: (approvalId: string) => Promise<string>;
  /** The agent of `team` asks for a package. Returns the approval's id. */
  readonly ask: (name?: string) => Promise<string>;
};

/**
 * The operator has given `telegram:owner` and `telegram:admin` a chat each, unless the test wants no chats.
 */
const cardFixture = async (hasChats = true): Promise<CardFixture> => {
  const fixture = await hostBed();
  const { db } = fixture.central;
  if (hasChats)
    for (const name of ["owner", "admin"]) {
      const messaging_group_id = `mg-${name}`;
      await addRow(db, "messaging_groups", { id: messaging_group_id, platform_id: name });
      await addRow(db, "user_dms", { user_id: `telegram:${name}`, messaging_group_id });
    }
  const telegram = platform("telegram");
  const seen = async (id: string): Promise<string> => {
    const rows = db.selectFrom("pending_approvals").selectAll().where("approval_id", "=", id);
    return (await cardOf(db, await rows.executeTakeFirstOrThrow())).digest;
  };
  return {
    fixture,
    telegram,
    seen,
    begin: (channels = [telegram]) => {
      const cards = approvalCards({
        db,
        now: () => at,
        id: (prefix) => `${prefix}-${randomUUID()}`,
        channels,
        commands: () => fixture.host.commands,
        answerUser: (userId, frame) => dispatch(frame, { type: "user", userId }, fixture.host),
        report: (error) => fixture.bugs.push(error),
        pollMs: 5,
      });
      onTestFinished(() => cards.close());
      cards.start();
      return {
        ...cards,
        // A click without a digest is on the card as it is now.
        answer: async (message) => {
          const { answer } = message;
          if (answer === undefined || answer.seen !== "") return cards.answer(message);
          return cards.answer({ ...message, answer: { ...answer, seen: await seen(answer.cardId) } });
        },
      };
    },
    ask: async (name = "docs") => {
      const args = ["--name", name, "--command", "npx", "--env", `{"TOKEN":"hunter2"}`];
      const answer = await fixture.ask(member, "groups", "config", "add-mcp-server", ...args);
      if (answer.ok || answer.approvalId === undefined) expect.fail(JSON.stringify(answer));
      return answer.approvalId;
    },
  };
};

test.for([
  { what: "has left", left: ["first"], asked: ["lab"] },
  { what: "has left without a word", left: ["first"], refuses: true, asked: ["lab"] },
  { what: "still has", left: [], asked: ["first"] },
])("a person with two bots is asked at the one that they have: one they $what", async (row) => {
  const { fixture, telegram, begin, ask } = await cardFixture(false);
  const { db } = fixture.central;
  await addRow(db, "messaging_groups", { id: "mg-first", platform_id: "telegram:owner", instance: "first" });
  await addRow(db, "user_dms", { user_id: "telegram:owner", messaging_group_id: "mg-first" });
  const known = new Set(
    row.refuses === true ? ["first", "lab"] : ["first", "lab"].filter((bot) => !row.left.includes(bot)),
  );
  const channel: Channel = {
    ...telegram,
    directChat: async (platformId, stored) => {
      const [other] = [...known];
      if (stored === null || known.has(stored) || other === undefined) return null;
      return { platformId, instance: other };
    },
    send: async (message) => {
      if (!row.left.includes(message.instance)) return telegram.send(message);
      known.delete(message.instance);
      return fail({ code: "blocked", message: "gone" });
    },
  };
  begin([channel]);
  await ask();
  await vi.waitFor(() => expect(telegram.shown.map(({ instance }) => instance)).toEqual(row.asked));
});

const click = (
  name: string,
  cardId: string,
  option: string,
  more: { readonly seen?: string; readonly words?: string } = {},
): FromPerson => ({
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
  answer: { cardId, option, seen: "", ...more },
});

const textsTo = ({ shown }: Platform, name: string): readonly string[] =>
  shown.filter(({ platformId, card }) => platformId === name && card === undefined).map(({ text }) => text);

const cardsIn = ({ shown }: Platform): readonly string[] =>
  shown.filter(({ card }) => card !== undefined).map(({ platformId }) => platformId);

const notesOf = async ({ central: { db } }: Bed): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_messages_in").select("content").orderBy("seq").execute();
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
  test("goes to every approver, with every value that the agent typed", async () => {
    const { telegram, begin, ask } = await cardFixture();
    const id = await ask();
    begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["admin", "owner"]));
    const [{ card, text, from }] = telegram.shown as [ToChat];
    expect(card?.id).toBe(id);
    expect(card?.options.map((option) => option.id)).toEqual(["approve", "reject"]);
    expect(card?.lines.at(-1)).toMatch(/^ncl groups config add-mcp-server .*--command npx/);
    expect(from).toBeNull();
    for (const shown of [JSON.stringify(card), text]) {
      expect(shown).toContain("TOKEN");
      expect(shown).toContain("hunter2");
    }
  });

  test("goes to a person once, also by a host that starts again after it was killed before it noted the card", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    await ask();
    const first = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await first.close();
    const cards = fixture.central.db.selectFrom("approval_cards").select("user_id");
    await vi.waitFor(async () => expect(await cards.execute()).toHaveLength(2));
    await fixture.central.db.deleteFrom("approval_cards").where("user_id", "=", "telegram:owner").execute();
    begin();
    await vi.waitFor(async () => expect(await cards.execute()).toHaveLength(2));
    expect(cardsIn(telegram)).toEqual(["admin", "owner"]);
  });

  test("that one person answers is executed once, and its outcome goes to both and to the session", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await Promise.all([
      cards.answer(click("admin", id, "approve")),
      cards.answer(click("admin", id, "approve")),
    ]);
    const outcome = `Approved by telegram:admin: groups config add-mcp-server (${id}).`;
    await vi.waitFor(() => expect(textsTo(telegram, "owner")).toEqual([outcome]));
    await vi.waitFor(() => expect(textsTo(telegram, "admin")).toContain(outcome));
    expect(textsTo(telegram, "admin")).toContain(
      `${id} was answered already: approved by user:telegram:admin.`,
    );
    expect(await notesOf(fixture)).toEqual([
      `Your request "groups config add-mcp-server" was approved and done.`,
    ]);
    const config = await fixture.ok(operator, "groups", "config", "get", "ag-team");
    expect(JSON.stringify(config)).toContain("docs");
  });

  test("runs nothing if it is rejected, and both people are told", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await cards.answer(click("owner", id, "reject"));
    await vi.waitFor(() => expect(textsTo(telegram, "admin").join()).toContain("Rejected by telegram:owner"));
    expect(await statusOf(fixture, id)).toBe("rejected");
    expect((await notesOf(fixture)).join()).toContain("was rejected");
  });

  test.for([
    { what: "a person without the right", name: "nobody", option: "approve", says: /owners and admins/ },
    {
      what: "an approver, with an option it does not have",
      name: "admin",
      option: "constructor",
      says: /no option/,
    },
  ])("is not answered by $what, who is told so", async ({ name, option, says }) => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    await begin().answer(click(name, id, option));
    expect(textsTo(telegram, name)).toEqual([expect.stringMatching(says)]);
    expect(telegram.shown.find(({ platformId, card }) => platformId === name && !card)?.failed).toBe(true);
    expect(await statusOf(fixture, id)).toBe("pending");
  });

  test("that has changed since it was shown is not answered, and is shown again", async () => {
    const { fixture, telegram, begin, ask, seen } = await cardFixture();
    const { db } = fixture.central;
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    const old = await seen(id);
    await db.updateTable("agent_groups").set({ name: "other" }).where("id", "=", "ag-team").execute();
    for (const option of ["approve", "reject", "constructor"])
      await cards.answer(click("admin", id, option, { seen: old }));
    expect(await statusOf(fixture, id)).toBe("pending");
    const changed = `${id} has changed since it was shown. Nothing was answered.`;
    expect(textsTo(telegram, "admin")).toEqual([changed, changed, changed]);
    const shown = telegram.shown.flatMap(({ platformId, card }) =>
      platformId === "admin" ? (card ?? []) : [],
    );
    expect(shown.map(({ title }) => title)).toEqual([
      `team asks for an approval (${id})`,
      `other asks for an approval (${id})`,
    ]);
    await cards.answer(click("admin", id, "approve", { seen: shown[1]?.digest ?? "" }));
    expect(await statusOf(fixture, id)).toBe("approved");
  });

  test("counts as answered by an admin of all groups it was forwarded to", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await addRow(fixture.central.db, "users", { id: "telegram:late", display_name: "Late" });
    await addRow(fixture.central.db, "user_roles", { user_id: "telegram:late", agent_group_id: null });
    await cards.answer(click("late", id, "approve"));
    expect(textsTo(telegram, "late")).toEqual([expect.stringContaining("Approved by telegram:late")]);
    expect(await statusOf(fixture, id)).toBe("approved");
  });

  test("is reported to the agent once if it cannot be delivered, and is sent when an approver can be reached", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    telegram.isDown.value = true;
    const id = await ask();
    const cards = begin();
    await vi.waitFor(async () => expect(await notesOf(fixture)).toHaveLength(1));
    cards.retry();
    telegram.isDown.value = false;
    cards.retry();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["admin", "owner"]));
    expect(await notesOf(fixture)).toEqual([expect.stringContaining("ncl approvals list")]);
    expect(await statusOf(fixture, id)).toBe("pending");
  });

  test("that may not have arrived is sent once more, under another id", async () => {
    const { telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const tries: string[] = [];
    const send: Channel["send"] = async (message) => {
      tries.push(message.id);
      const isFirst = message.id === `card-${id}-telegram:owner`;
      return isFirst ? fail({ code: "uncertain", message: "lost" }) : telegram.send(message);
    };
    const cards = begin([{ ...telegram, send }]);
    await vi.waitFor(() => expect(cardsIn(telegram).toSorted()).toEqual(["admin", "owner"]));
    cards.retry();
    await cards.close();
    const toOwner = [`card-${id}-telegram:owner`, `card-${id}-telegram:owner-again`];
    expect(tries.toSorted()).toEqual([`card-${id}-telegram:admin`, ...toOwner]);
  });

  test("that was answered while a chat could not be reached shows its outcome there later", async () => {
    const { telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    telegram.isDown.value = true;
    await cards.answer(click("owner", id, "approve"));
    expect(textsTo(telegram, "admin")).toEqual([]);
    telegram.isDown.value = false;
    await vi.waitFor(() =>
      expect(textsTo(telegram, "admin")).toEqual([expect.stringContaining("Approved by telegram:owner")]),
    );
  });

  test("on whose sending the channel fails delays no other card, no other person and no outcome", async () => {
    const { telegram, fixture, begin, ask } = await cardFixture();
    const [first, second] = [await ask("left-pad"), await ask("right-pad")];
    const send: Channel["send"] = async (message) => {
      if (message.platformId === "owner" || message.card?.id === first) throw new Error("no such emoji");
      return telegram.send(message);
    };
    const cards = begin([{ ...telegram, send }]);
    await vi.waitFor(() => expect(telegram.shown.map(({ card }) => card?.id)).toEqual([second]));
    await cards.answer(click("admin", second, "reject"));
    await vi.waitFor(() =>
      expect(textsTo(telegram, "admin")).toEqual([expect.stringContaining("Rejected by telegram:admin")]),
    );
    expect(fixture.bugs.splice(0)).toContainEqual(new Error("no such emoji"));
  });

  test("shows its outcome by the bot that has shown it, of two in one chat", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const { db } = fixture.central;
    await db.updateTable("messaging_groups").set({ instance: "work" }).where("id", "=", "mg-owner").execute();
    for (const instance of ["", "z"])
      await addRow(db, "messaging_groups", { id: `mg-${instance}`, platform_id: "owner", instance });
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await cards.answer(click("owner", id, "approve"));
    const shown = () => telegram.shown.filter(({ platformId }) => platformId === "owner");
    await vi.waitFor(() => expect(shown().map(({ instance }) => instance)).toEqual(["work", "work"]));
  });

  test("finds the direct chat of an approver who has none yet, and stores it", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture(false);
    await ask();
    begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["telegram:admin", "telegram:owner"]));
    const known = await fixture.central.db
      .selectFrom("user_dms")
      .select("user_id")
      .orderBy("user_id")
      .execute();
    expect(known.map(({ user_id }) => user_id)).toEqual(["telegram:admin", "telegram:owner"]);
  });

  const token = "bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
  test.for([
    { how: "has none", fails: async () => null },
    { how: "throws", fails: () => Promise.reject(new Error(`GET https://api.example/${token}/getChat`)) },
  ])(
    "reaches the others where a channel $how for one person: each is asked once, no token is reported",
    async ({ how, fails }) => {
      const { fixture, telegram, begin, ask } = await cardFixture(false);
      const asked: string[] = [];
      const directChat: Channel["directChat"] = async (userId, stored) => {
        if (stored !== null) return null;
        asked.push(userId);
        return userId === "telegram:admin" ? fails() : { platformId: userId, instance: "" };
      };
      const channel = { ...telegram, directChat };
      await ask();
      const cards = begin([channel]);
      await vi.waitFor(() => expect(cardsIn(telegram)).toEqual(["telegram:owner"]));
      expect(asked.toSorted()).toEqual(["telegram:admin", "telegram:owner"]);
      // The next approval asks again for the chat that failed, and not for the one that is stored.
      await ask("more");
      await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
      await cards.close();
      expect(asked.toSorted()).toEqual(["telegram:admin", "telegram:admin", "telegram:owner"]);
      const reported = fixture.bugs.splice(0).map((bug) => inspect(bug));
      expect(reported).toHaveLength(how === "throws" ? 2 : 0);
      expect(reported.join()).not.toContain(token);
    },
  );

  test("is reported as expired to the people who were asked, and cannot be answered any more", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    fixture.later(25 * 60 * 60 * 1000);
    await fixture.host.expireApprovals();
    await vi.waitFor(() => expect(textsTo(telegram, "owner").join()).toContain("Expired without an answer"));
    await cards.answer(click("admin", id, "approve"));
    expect(textsTo(telegram, "admin").join()).toContain("expired at");
    expect((await notesOf(fixture)).join()).toContain("No person answered your request");
  });

  test("decides nothing if the person has left users.yaml, and its outcome is not told to them", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await addRow(fixture.central.db, "refused_people", { user_id: "telegram:admin" });
    await cards.answer(click("admin", id, "approve"));
    expect(await statusOf(fixture, id)).toBe("pending");
    expect(textsTo(telegram, "admin")).toEqual(["Approvals are shown to owners and admins."]);
    await cards.answer(click("owner", id, "reject"));
    const open = fixture.central.db
      .selectFrom("approval_cards")
      .select("user_id")
      .where("closed_at", "is", null);
    await vi.waitFor(async () => expect(await open.execute()).toEqual([]));
    expect(textsTo(telegram, "owner").join()).toContain("Rejected by");
    expect(textsTo(telegram, "admin")).toHaveLength(1);
  });

  test("carries the words of the person who rejects", async () => {
    const { fixture, telegram, begin, ask } = await cardFixture();
    const id = await ask();
    const cards = begin();
    await vi.waitFor(() => expect(cardsIn(telegram)).toHaveLength(2));
    await cards.answer(click("admin", id, "reject", { words: "use pnpm:\nplease" }));
    expect(await statusOf(fixture, id)).toBe("rejected");
    expect((await notesOf(fixture)).join()).toContain("was rejected: use pnpm:\nplease");
  });

  test("waits in the local chat of an approver until they open it, and disappears once it is answered", async () => {
    const { fixture, begin, ask } = await cardFixture(false);
    const { db } = fixture.central;
    await addRow(db, "users", { id: "local:eve", kind: "local", display_name: "Eve" });
    await addRow(db, "user_roles", { user_id: "local:eve", agent_group_id: null });
    const folder = tempFolder();
    const socketPath = join(folder, "chat.sock");
    const id = (prefix: string): string => `${prefix}-${randomUUID()}`;
    const local = localChannel({
      db,
      socketPath,
      filesDir: join(folder, "files"),
      now: () => at,
      id,
      report: (bug) => fixture.bugs.push(bug),
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
    const { digest } = messagesOf(eve)[0]?.card ?? expect.fail("no card");
    const said = { type: "answer", id: randomUUID(), cardId: approvalId, option: "approve", seen: digest };
    eve.say(`${JSON.stringify(said)}\n`);
    await vi.waitFor(() => expect(messagesOf(eve)).toHaveLength(2));
    expect(messagesOf(eve)[1]).toMatchObject({ from: null, inReplyTo: messagesOf(eve)[0]?.id });
    expect(messagesOf(eve)[1]?.text).toContain("Approved by local:eve");

    const again = rawClient(socketPath);
    again.say(hello("team", "eve") + `${JSON.stringify({ ...said, id: "1" })}\n`);
    await again.hear(2);
    expect(messagesOf(again)).toEqual([]);
    for (const client of [eve, again]) client.socket.destroy();
  });
});

describe("a card about a tool", () => {
  /** The agent of `team` wants to use a tool. Returns the approval's id. */
  const wants = async (
    { fixture }: CardFixture,
    input: unknown,
    more: Partial<ToolRequest> = {},
  ): Promise<string> => {
    const request = { messageId: "m-1", tool: "Bash", input, occurrence: 0, mayHaveRun: false, ...more };
    const held = await fixture.central.db
      .transaction()
      .execute((transaction) =>
        holdTool(
          transaction,
          { sessionId: "se-team", groupId: "ag-team", questionId: "q-1", request },
          { now: () => at, id: (prefix) => `${prefix}-tool`, dataDir: tempFolder() },
        ),
      );
    return held.is === "pending" ? held.approvalId : expect.fail("It did not wait for a person.");
  };

  test("has the decisive field last, with the agent's own lines marked", async () => {
    const cards = await cardFixture();
    await wants(cards, { command: "ls\nIt can be answered by anybody.\n\u001b[2J", "a\nb": [1] });
    cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(2));
    expect(cards.telegram.shown[0]?.card).toMatchObject({
      title: "May team use Bash? (ap-tool)",
      lines: [
        expect.stringMatching(/^It can be answered until /),
        String.raw`"a\nb": [1]`,
        "command, 3 lines:",
        "> ls",
        "> It can be answered by anybody.",
        String.raw`> \u001b[2J`,
      ],
      options: [{ id: "approve" }, { id: "always" }, { id: "reject" }],
    });
  });

  test("of a command that is too long is bounded, and offers nothing but to allow it once", async () => {
    const cards = await cardFixture();
    const long = "x".repeat(150_000);
    const id = await wants(cards, { command: `ls ${long}` }, { suggestions: [["Bash(ls *)"]] });
    const { answer } = cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(2));
    const card = cards.telegram.shown[0]?.card;
    expect(card?.lines.join("").length).toBeLessThan(4_000);
    expect(card?.options.map((option) => option.id)).toEqual(["approve", "reject"]);
    for (const option of ["always", "always:1"]) {
      await answer(click("admin", id, option));
      expect(await statusOf(cards.fixture, id)).toBe("pending");
    }
    const whole = await cards.fixture.ok(operator, "approvals", "get", id);
    expect(JSON.stringify(whole)).toContain(long);
  });

  test("makes a rule if a person chooses so", async () => {
    const cards = await cardFixture();
    const id = await wants(cards, { command: "ls" });
    const { answer } = cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(2));
    await answer(click("admin", id, "always"));
    const rules = await cards.fixture.central.db.selectFrom("tool_rules").selectAll().execute();
    expect(rules).toMatchObject([
      {
        agent_group_id: "ag-team",
        tool: "Bash",
        input: '{"command":"ls"}',
        allowed_by: "user:telegram:admin",
      },
    ]);
    await vi.waitFor(() =>
      expect(cards.telegram.shown.at(-1)?.text).toBe(`Approved by telegram:admin: use Bash (${id}).`),
    );
  });

  test("offers what the CLI suggests, and a person chooses it explicitly", async () => {
    const cards = await cardFixture();
    const id = await wants(cards, { command: "npm test" }, { suggestions: [["Bash(npm test *)"], ["Read"]] });
    const { answer } = cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(2));
    expect(cards.telegram.shown[0]?.card?.options.slice(2, 4)).toMatchObject([
      {
        id: "always:1",
        label: "Always allow in this group what its CLI matches with Bash(npm test *)",
        button: "Always, rule 1",
      },
      {
        id: "always:2",
        label: "Always allow in this group what its CLI matches with Read",
        button: "Always, rule 2",
      },
    ]);
    await answer(click("admin", id, "always:3"));
    expect(await statusOf(cards.fixture, id)).toBe("pending");
    await answer(click("admin", id, "always:1"));
    const rules = cards.fixture.central.db.selectFrom("tool_rules").select(["tool", "rule"]);
    expect(await rules.execute()).toEqual([{ tool: "Bash", rule: "Bash(npm test *)" }]);
  });

  const options = [
    { label: "Red", description: "" },
    { label: "Blue", description: "" },
  ];
  const one = { question: "Which?", header: "", options, isMultiple: false };

  /** The message of a person without a role, in a thread of a room. */
  const fromSue = ({ fixture: { central } }: CardFixture) =>
    addRow(central.db, "session_messages_in", {
      session_id: "se-team",
      id: "m-1",
      content: JSON.stringify({ sender: "telegram:sue" }),
      channel_type: "telegram",
      platform_id: "sue",
      thread_id: "t-1",
    });

  test("asks only the sender of the message a question", async () => {
    const cards = await cardFixture();
    await fromSue(cards);
    const id = await wants(cards, {}, { question: { type: "choices", questions: [one] } });
    const { answer } = cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(1));
    expect(cards.telegram.shown[0]).toMatchObject({
      platformId: "sue",
      threadId: "t-1",
      card: {
        title: `team asks you (${id})`,
        options: [
          { id: "answer:1", label: "Red" },
          { id: "answer:2", label: "Blue" },
          { id: "answer", words: "required" },
          { id: "reject", words: "optional" },
        ],
      },
    });
    await answer(click("nobody", id, "answer:1"));
    expect(await statusOf(cards.fixture, id)).toBe("pending");
    await answer(click("sue", id, "answer:3"));
    expect(textsTo(cards.telegram, "sue").join()).toContain(`${id} has no option "answer:3".`);
    await answer(click("sue", id, "answer:2"));
    await vi.waitFor(() =>
      expect(textsTo(cards.telegram, "sue")).toContain(`Answered by telegram:sue: ask a question (${id}).`),
    );
    await answer(click("sue", id, "answer:1"));
    expect(textsTo(cards.telegram, "sue").at(-1)).toContain("was answered already");
  });

  test.each([
    {
      what: "several answers",
      question: { type: "choices", questions: [{ ...one, isMultiple: true }] },
      labels: ["Answer with numbers (1,3) or your own words"],
    },
    {
      what: "several questions",
      question: { type: "choices", questions: [one, one] },
      labels: ["Answer in order, with ; between the answers: a number or your own words"],
    },
    { what: "a plan", question: { type: "plan", plan: "x" }, labels: ["Approve the plan"] },
  ] as const)("says how $what are answered", async ({ question, labels }) => {
    const cards = await cardFixture();
    await fromSue(cards);
    await wants(cards, {}, { question });
    cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(1));
    const shown = cards.telegram.shown[0]?.card?.options.map(({ label }) => label) ?? [];
    expect(shown).toEqual([...labels, "Reject; the agent reads what you write after it"]);
  });

  test("is closed when the agent no longer asks", async () => {
    const cards = await cardFixture();
    const id = await wants(cards, {});
    cards.begin();
    await vi.waitFor(() => expect(cards.telegram.shown).toHaveLength(2));
    await withdrawTools(cards.fixture.central.db, "se-team", { questionId: "q-1" }, at);
    await vi.waitFor(() =>
      expect(cards.telegram.shown.at(-1)?.text).toBe(`No longer asked: use Bash (${id}).`),
    );
  });
});
