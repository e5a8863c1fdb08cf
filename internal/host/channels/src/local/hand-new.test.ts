import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Channel, FromPerson } from "../channel.ts";
import { chatFixture, framesOf, line, welcomed } from "./chat.fixture.ts";

type Receive = (message: FromPerson, channel: Channel) => Promise<void>;

/** A chat of Bo whose host receives messages as given, and what the transcript has of it. */
const chatting = async (receive: Receive) => {
  const fixture = await chatFixture();
  const { db } = fixture.central;
  const channel = fixture.open({ retryMs: 1 });
  await channel.start((message) => receive(message, channel));
  onTestFinished(() => channel.close());
  const client = await welcomed(fixture, "ana", "local:bo");
  const mark = (id: string) => db.transaction().execute((transaction) => channel.claim(transaction, id));
  const rows = () =>
    db.selectFrom("local_messages").select(["id", "text", "direction", "routed_at"]).orderBy("seq").execute();
  return {
    db,
    fixture,
    channel,
    mark,
    rows,
    bugs: fixture.bugs,
    /** Says a text, and returns its id. */
    say: (text: string): string => {
      const id = randomUUID();
      client.say(line({ id, type: "message", text }));
      return id;
    },
    taken: (): readonly string[] => framesOf(client, "taken").map(({ id }) => id),
  };
};

const latch = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
};

test("a new message is stored with the host's mark of it, in one transaction", async () => {
  const before: unknown[] = [];
  const chat = await chatting(async ({ id }) => {
    before.push(await chat.rows());
    expect(await chat.mark(id)).toBe(true);
    expect(await chat.mark(id)).toBe(false);
  });
  const id = chat.say("hello");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  expect(before).toEqual([[]]);
  expect(await chat.rows()).toEqual([
    { id, text: "hello", direction: "in", routed_at: expect.any(String) as unknown },
  ]);
});

test("a message whose mark was rolled back is marked again", async () => {
  const chat = await chatting(async ({ id }, channel) => {
    const { db } = chat;
    const lost = db.transaction().execute(async (transaction) => {
      await channel.claim(transaction, id);
      throw new Error("The session is closed.");
    });
    await expect(lost).rejects.toThrow("closed");
    expect(await chat.rows()).toEqual([]);
    expect(await chat.mark(id)).toBe(true);
  });
  const id = chat.say("hello");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  expect(await chat.rows()).toMatchObject([{ id, routed_at: expect.any(String) as unknown }]);
});

test("a message that the host drops, or gives to several agents, is marked after it", async () => {
  const chat = await chatting(async () => {});
  const id = chat.say("hello");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  expect(await chat.rows()).toMatchObject([{ id, routed_at: expect.any(String) as unknown }]);
});

test("a message that waits for a person is stored with that, and is not marked", async () => {
  const chat = await chatting(async (message, channel) => {
    const awaited = { approvalId: "ap-1", most: 5 };
    const held = await chat.db.transaction().execute((within) => channel.hold(within, message, awaited));
    expect(held).toBe("held");
  });
  const id = chat.say("hello");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  expect(await chat.rows()).toMatchObject([{ id, routed_at: null }]);
});

test("what is written in reply to it comes after it in the transcript", async () => {
  const chat = await chatting(async ({ id }, channel) => {
    const reply = { platformId: "bo", instance: "", threadId: null, from: null, text: "No.", inReplyTo: id };
    await channel.send({ id: `re-${id}`, ...reply });
    await chat.mark(id);
  });
  const id = chat.say("/stop");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  expect((await chat.rows()).map(({ direction }) => direction)).toEqual(["in", "out"]);
});

test("a message with which the host takes long is stored meanwhile, once, and later ones wait behind it", async () => {
  const { open, opened } = latch();
  const received: string[] = [];
  const chat = await chatting(async ({ id, text }) => {
    if (text === "slow") await opened;
    received.push(text);
    await chat.mark(id);
  });
  const ids = [chat.say("slow"), chat.say("next")];
  await vi.waitFor(() => expect(chat.taken()).toEqual(ids));
  expect(await chat.rows()).toMatchObject(ids.map((id) => ({ id, routed_at: null })));
  expect(received).toEqual([]);
  open();
  await vi.waitFor(() => expect(received).toEqual(["slow", "next"]));
  await vi.waitFor(async () =>
    expect((await chat.rows()).map(({ routed_at: at }) => at)).toEqual(ids.map(() => expect.any(String))),
  );
});

test.each(["text", "answer", "output"] as const)(
  "%s that comes by another connection meanwhile gets the later place",
  async (what) => {
    const { open, opened } = latch();
    const { open: begin, opened: begun } = latch();
    const received: string[] = [];
    const chat = await chatting(async ({ id, text }) => {
      begin();
      if (text === "first") await opened;
      received.push(id);
      await chat.mark(id);
    });
    const first = chat.say("first");
    await begun;
    const second = randomUUID();
    if (what === "output") {
      const where = { platformId: "bo", instance: "", threadId: null, inReplyTo: null };
      await chat.channel.send({ id: second, ...where, from: null, text: "By the way" });
    } else {
      const other = await welcomed(chat.fixture, "ana", "local:bo");
      const card = { cardId: "ap-1", option: "Approve", seen: "none" };
      const said = what === "text" ? { type: "message", text: "second" } : { type: "answer", ...card };
      other.say(line({ id: second, ...said }));
      await vi.waitFor(() => expect(framesOf(other, "taken").map(({ id }) => id)).toEqual([second]));
    }
    open();
    await vi.waitFor(() => expect(received).toEqual(what === "output" ? [first] : [first, second]));
    expect((await chat.rows()).map(({ id }) => id)).toEqual([first, second]);
  },
);

test("a message on which the host fails is stored, and then tried as often as any", async () => {
  let calls = 0;
  const chat = await chatting(async () => {
    calls += 1;
    throw new Error("no");
  });
  const id = chat.say("hello");
  await vi.waitFor(async () =>
    expect((await chat.rows()).map((row) => row.id)).toEqual([id, `failed-${id}`]),
  );
  expect(calls).toBe(1 + 5);
  expect(chat.bugs).toHaveLength(1 + 5);
  expect(chat.taken()).toEqual([id]);
});

test("a message on which the host fails after it was stored meanwhile is reported, and tried as often as any", async () => {
  const { open, opened } = latch();
  let calls = 0;
  const chat = await chatting(async () => {
    calls += 1;
    await opened;
    throw new Error("no");
  });
  const id = chat.say("slow");
  await vi.waitFor(() => expect(chat.taken()).toEqual([id]));
  open();
  await vi.waitFor(async () =>
    expect((await chat.rows()).map((row) => row.id)).toEqual([id, `failed-${id}`]),
  );
  expect(calls).toBe(1 + 5);
  expect(chat.bugs).toHaveLength(1 + 5);
});
