import type { FromPerson } from "@gatehouse/channels";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { messengerChannel } from "../messenger-channel.ts";
import { eventually } from "../messenger.fixture.ts";
import { slackStandin } from "../testing/slack-standin.ts";
import { botOf, slackFixture, toOwner, type SlackFixture } from "./slack.fixture.ts";
import { slack } from "./slack.ts";

const texts = (received: readonly FromPerson[]): readonly string[] => received.map(({ text }) => text);

/** Waits until a host has noted that it hears Slack. */
const hears = ({ central, api }: SlackFixture) =>
  eventually(async () => {
    expect(api.sockets()).toBe(1);
    expect(await central.db.selectFrom("messenger_bots").select("trouble").execute()).toEqual([
      { trouble: null },
    ]);
  });

describe("a message", () => {
  test("is acknowledged once it is stored", async () => {
    const fixture = await slackFixture();
    const { api, central, started } = fixture;
    let store = (): void => {};
    const { received } = await started(() => new Promise((resolve) => void (store = resolve)));
    await hears(fixture);
    api.say({ text: "one" });
    await eventually(() => expect(api.sent()).toBe(1));
    await eventually(() => expect(api.unacknowledged()).toBe(0));
    const stored = await central.db.selectFrom("messenger_updates").select("message_id").execute();
    expect(stored).toEqual([
      { message_id: expect.stringMatching(/^slack:T1:UBOT:D7:\d+\.\d{6}$/) as string },
    ]);
    expect(received).toEqual([]);
    store();
  });

  test("that Slack repeats is handed over once", async () => {
    const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [0, 0, 0] });
    const { received } = await fixture.started();
    await hears(fixture);
    fixture.api.say({ text: "one" });
    fixture.api.say({ text: "two" });
    await eventually(() => expect(texts(received)).toEqual(["one", "two"]));
    await eventually(() => expect(fixture.api.unacknowledged()).toBe(0));
    expect(texts(received)).toEqual(["one", "two"]);
  });

  test("has the names of its sender and its channel, and the thread that its answer begins", async () => {
    const fixture = await slackFixture();
    const { received } = await fixture.started();
    await hears(fixture);
    const ts = fixture.api.say({ text: "<@UBOT> what&apos;s 1 &lt; 2, <@U8>?", channel: "C5" });
    await eventually(() => expect(received).toHaveLength(1));
    expect(received[0]).toMatchObject({
      platformId: "slack:T1:C5",
      threadId: ts,
      userId: "slack:T1:U7",
      userName: "Ana",
      chatName: "hall",
      text: "what&apos;s 1 < 2, @U8?",
      isMention: true,
      isDirect: false,
    });
  });

  test.for([
    { what: "that names the bot", said: { text: "<@UBOT> hi", channel: "C5" }, isMention: true },
    { what: "to others", said: { text: "hi", channel: "C5" }, isMention: false },
    { what: "to another person", said: { text: "<@U8> hi", channel: "C5" }, isMention: false },
    { what: "in a direct chat", said: { text: "hi" }, isMention: true },
  ])("$what is for the bot: $isMention", async ({ said, isMention }) => {
    const fixture = await slackFixture();
    const { received } = await fixture.started();
    await hears(fixture);
    fixture.api.say(said);
    await eventually(() => expect(received).toMatchObject([{ isMention }]));
  });

  test("in a thread that the bot has begun is for the bot", async () => {
    const fixture = await slackFixture();
    const { channel, received } = await fixture.started();
    await hears(fixture);
    const sent = await channel.send(toOwner({ platformId: "slack:T1:C5" }));
    const thread = (sent.ok ? sent.value.platformMessageId : null) ?? expect.fail("nothing was sent");
    fixture.api.say({ text: "more", channel: "C5", thread });
    await eventually(() =>
      expect(received).toMatchObject([{ isMention: true, threadId: thread, text: "more" }]),
    );
  });

  test("of a bot, about a chat, or of a kind that is unknown is for nobody, and is acknowledged", async () => {
    const fixture = await slackFixture();
    const { received } = await fixture.started();
    await hears(fixture);
    const event = { type: "message", channel: "D7", ts: "1.000001", text: "no" };
    fixture.api.happen({ ...event, user: "UBOT" });
    fixture.api.happen({ ...event, user: "U5", bot_id: "B5" });
    fixture.api.happen({ ...event, user: "U7", subtype: "channel_join" });
    fixture.api.happen({ type: "reaction_added", user: "U7" });
    fixture.api.say({ text: "yes" });
    await eventually(() => expect(texts(received)).toEqual(["yes"]));
    await eventually(() => expect(fixture.api.unacknowledged()).toBe(0));
    expect(fixture.bugs).toEqual([]);
  });

  test("that was told as a message and as a mention is handed over once", async () => {
    const fixture = await slackFixture();
    const { received } = await fixture.started();
    await hears(fixture);
    const ts = fixture.api.say({ text: "<@UBOT> hi", channel: "C5" });
    fixture.api.happen({ type: "app_mention", channel: "C5", user: "U7", text: "<@UBOT> hi", ts });
    fixture.api.say({ text: "<@UBOT> last", channel: "C5" });
    await eventually(() => expect(texts(received)).toEqual(["hi", "last"]));
  });
});

describe("a file that Slack refuses", () => {
  /** A host that reads the files of what it receives. */
  const reading = async (times: number) => {
    const fixture = await slackFixture();
    const read: (readonly string[])[] = [];
    await fixture.started(async ({ text, attachments = [] }) => {
      const files: string[] = [];
      for (const { content } of attachments)
        for await (const chunk of content()) files.push(Buffer.from(chunk).toString());
      read.push([text, ...files]);
    });
    await hears(fixture);
    fixture.api.fault({ method: "files", kind: "error", times });
    fixture.api.say({ text: "look", files: [{ name: "a.txt", text: "one" }] });
    return { ...fixture, read };
  };

  test("for now is fetched again", async () => {
    const { read, logged } = await reading(2);
    await eventually(() => expect(read).toEqual([["look", "one"]]));
    expect(logged).toEqual([]);
  });

  test("in the end is left out of its message, which the log says", async () => {
    const { read, logged, bugs } = await reading(3);
    const note = "[the file a.txt was left out: Slack did not hand the file over (403).]";
    await eventually(() => expect(read).toEqual([[`look\n${note}`]]));
    expect(logged).toEqual([
      {
        event: "messenger-left-out",
        fields: { channel: "slack", bot: "", reason: expect.stringContaining(note) as string },
      },
    ]);
    expect(bugs).toEqual([]);
  });
});

test("a message in a channel of two bots reaches the host through each of them", async () => {
  const fixture = await slackFixture();
  const { central, host, api } = fixture;
  const other = await slackStandin();
  onTestFinished(other.close);
  const two = { ...botOf(other), bot: "two", id: "T1:UTWO" };
  const claimed: FromPerson[] = [];
  const rows = () => central.db.selectFrom("messenger_updates").select("bot").execute();
  const used = [
    { channel: fixture.open(), at: api },
    { channel: messengerChannel(slack, host, { root: other.url, retryMs: 5 }), at: other },
  ];
  await used[1]?.channel.use([two]);
  for (const { channel, at } of used) {
    onTestFinished(() => channel.close());
    await channel.start(async (message) => {
      // Both bots have stored it before the host takes one of them.
      await eventually(async () => expect(await rows()).toHaveLength(2));
      const isFirst = await central.db
        .transaction()
        .execute((transaction) => channel.claim(transaction, message.id));
      if (isFirst) claimed.push(message);
    });
    await eventually(() => expect(at.sockets()).toBe(1));
  }
  await eventually(async () =>
    expect(await central.db.selectFrom("messenger_bots").select("bot").execute()).toHaveLength(2),
  );
  for (const { at } of used)
    at.happen({ type: "message", channel: "C5", user: "U7", ts: "1.000001", text: "hi" });
  await eventually(() => expect(claimed.map(({ instance }) => instance).toSorted()).toEqual(["", "two"]));
});

describe("what was said while no host heard Slack", () => {
  test("is read when one begins, once and in the order of each chat: also a reply in a thread, and a change", async () => {
    const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [] });
    const { api } = fixture;
    const first = await fixture.started();
    await hears(fixture);
    const ts = api.say({ text: "before", channel: "C5" });
    await eventually(() => expect(texts(first.received)).toEqual(["before"]));
    await first.channel.close();
    await eventually(() => expect(api.sockets()).toBe(0));
    api.say({ text: "one", channel: "C5" });
    api.say({ text: "two", channel: "C5", thread: ts });
    api.say({ text: "three" });
    api.say({ text: "changed", channel: "C5", edit: ts });
    const { received } = await fixture.started();
    await eventually(() => expect(received).toHaveLength(4));
    api.say({ text: "four" });
    await eventually(() => expect(received).toHaveLength(5));
    const said = received.filter(({ edits }) => edits === undefined);
    expect(texts(said.filter(({ isDirect }) => !isDirect))).toEqual(["one", "two"]);
    expect(texts(said.filter(({ isDirect }) => isDirect))).toEqual(["three", "four"]);
    expect(received.find(({ text }) => text === "changed")).toMatchObject({
      edits: `slack:T1:UBOT:C5:${ts}`,
    });
  });

  test.for(["refresh", "cut"] as const)("is read after a %s of the socket", async (how) => {
    const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [] });
    const { api } = fixture;
    const { received } = await fixture.started();
    await hears(fixture);
    api[how]();
    api.say({ text: "one" });
    await eventually(() => expect(texts(received)).toEqual(["one"]));
    await hears(fixture);
    api.say({ text: "two" });
    await eventually(() => expect(texts(received)).toEqual(["one", "two"]));
    expect(fixture.bugs).toEqual([]);
  });

  test("is read again until Slack answers, and status says why it is not", async () => {
    const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [] });
    const { api, central } = fixture;
    const first = await fixture.started();
    await hears(fixture);
    await first.channel.close();
    await eventually(() => expect(api.sockets()).toBe(0));
    api.say({ text: "one" });
    api.fault({
      method: "conversations.history",
      kind: "error",
      error: "missing_scope",
      needed: "im:history",
      times: 3,
    });
    const { received } = await fixture.started();
    await eventually(() =>
      expect(fixture.logged).toMatchObject([
        {
          event: "messenger-trouble",
          fields: {
            channel: "slack",
            reason: expect.stringMatching(
              /in the chat D7 since .*Slack says: missing_scope \(im:history\)\. To mend it, add im:history at https.* install the app again\.$/,
            ) as string,
          },
        },
      ]),
    );
    await eventually(() => expect(texts(received)).toEqual(["one"]));
    expect(await central.db.selectFrom("messenger_bots").select("trouble").execute()).toEqual([
      { trouble: null },
    ]);
  });
});

test.for(["conversations.history", "apps.connections.open"])(
  "a bot is closed while Slack answers no %s, and waits for no limit of a call",
  async (method) => {
    const fixture = await slackFixture({ repeatMs: [] }, { callMs: 3_600_000 });
    const { api } = fixture;
    const first = await fixture.started();
    await hears(fixture);
    await first.channel.close();
    api.say({ text: "one" });
    const before = api.calls(method).length;
    api.fault({ method, kind: "silent" });
    const { channel } = await fixture.started();
    await eventually(() => expect(api.calls(method)).toHaveLength(before + 1));
    await channel.close();
    expect(fixture.logged).toEqual([]);
  },
);

test("what was said in a chat that Slack does not hand over is named, and delays nothing else", async () => {
  const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [] });
  const { api, logged } = fixture;
  const first = await fixture.started();
  await hears(fixture);
  await first.channel.close();
  await eventually(() => expect(api.sockets()).toBe(0));
  api.say({ text: "one", channel: "C1" });
  api.say({ text: "two", channel: "C2" });
  const error = "fatal_error";
  api.fault({ method: "conversations.history", of: "C1", kind: "error", error, times: 10 });
  const { received } = await fixture.started();
  await eventually(() => expect(texts(received)).toEqual(["two"]));
  api.say({ text: "three", channel: "C2" });
  await eventually(() => expect(texts(received)).toEqual(["two", "three"]));
  await eventually(() => expect(texts(received)).toEqual(["two", "three", "one"]));
  expect(logged.map(({ fields }) => fields)).toMatchObject([
    {
      reason: expect.stringMatching(
        /^Slack does not hand over what was said in the chat C1 since /,
      ) as string,
    },
  ]);
});

test("a limit of Slack ends no reading of what was missed: it goes on there, by the same socket", async () => {
  const fixture = await slackFixture({ acknowledgeMs: 5, repeatMs: [] });
  const { api } = fixture;
  const first = await fixture.started();
  await hears(fixture);
  for (const channel of ["C1", "C2", "C3"]) api.say({ text: "before", channel });
  await eventually(() => expect(first.received).toHaveLength(3));
  await first.channel.close();
  await eventually(() => expect(api.sockets()).toBe(0));
  const [opened, asked] = ["apps.connections.open", "conversations.history"];
  const before = { opened: api.calls(opened).length, asked: api.calls(asked).length };
  for (const channel of ["C1", "C2", "C3"]) api.say({ text: channel, channel });
  api.fault({ method: asked, kind: "error", retryAfter: 1, after: 1 });
  api.fault({ method: asked, kind: "drop-before", after: 1 });
  const { received } = await fixture.started();
  await eventually(() => expect(texts(received).toSorted()).toEqual(["C1", "C2", "C3"]));
  expect(api.calls(opened)).toHaveLength(before.opened + 1);
  expect(
    api
      .calls(asked)
      .slice(before.asked)
      .map(({ channel }) => channel),
  ).toEqual(["C1", "C2", "C2", "C3", "C3"]);
});

test("a socket that cannot be opened is tried again, and no error or log has a token", async () => {
  const fixture = await slackFixture();
  const { api } = fixture;
  api.fault({ method: "apps.connections.open", kind: "error", error: "invalid_auth" });
  api.fault({ method: "apps.connections.open", kind: "drop-before" });
  api.fault({ method: "apps.connections.open", kind: "page" });
  api.say({ text: "before the bot was heard" });
  const { received } = await fixture.started();
  await hears(fixture);
  api.say({ text: "one" });
  await eventually(() => expect(texts(received)).toEqual(["one"]));
  expect(JSON.stringify([fixture.logged, fixture.bugs])).not.toMatch(/xoxb|xapp/);
  expect(fixture.logged.map(({ fields }) => fields)).toMatchObject([
    { reason: expect.stringMatching(/^Slack says: invalid_auth\. To mend it/) as string },
    { reason: expect.stringContaining("was lost") as string },
    { reason: expect.stringContaining("no answer of Slack's") as string },
  ]);
});

test("a socket that goes silent while calls succeed is opened anew, which the log says; nothing is lost", async () => {
  const fixture = await slackFixture();
  const { api, central, logged, started } = fixture;
  const { channel, received } = await started();
  await hears(fixture);
  api.say({ text: "one" });
  await eventually(() => expect(texts(received)).toEqual(["one"]));
  const last = await central.db.selectFrom("messenger_bots").select("polled_at").executeTakeFirstOrThrow();
  api.freeze();
  api.say({ text: "two" });
  expect(await channel.send(toOwner())).toMatchObject({ ok: true });
  // The library waits five seconds for the answer to a ping.
  await vi.waitFor(() => expect(texts(received)).toEqual(["one", "two"]), { timeout: 25_000 });
  expect(logged).toEqual([
    {
      event: "messenger-reopened",
      fields: {
        channel: "slack",
        bot: "",
        reason: expect.stringContaining(`Slack was last heard at ${last.polled_at ?? ""}`) as string,
      },
    },
  ]);
});

test("a socket whose end Slack announces is replaced without a word", async () => {
  const fixture = await slackFixture();
  await fixture.started();
  await hears(fixture);
  fixture.api.refresh();
  await eventually(() => expect(fixture.api.calls("apps.connections.open")).toHaveLength(2));
  await hears(fixture);
  expect(fixture.logged).toEqual([]);
});

test("that the bot was removed from a channel is told to the owners", async () => {
  const fixture = await slackFixture();
  const { received } = await fixture.started();
  await hears(fixture);
  fixture.api.say({ text: "<@UBOT> hi", channel: "C5" });
  await eventually(() => expect(received).toHaveLength(1));
  fixture.api.happen({ type: "member_left_channel", user: "UBOT", channel: "C5", event_ts: "2.000001" });
  await eventually(() => expect(fixture.logged).toMatchObject([{ event: "chat-lost" }]));
});
