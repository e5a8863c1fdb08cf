import { PassThrough, Readable } from "node:stream";
import { addRow, onPostgres } from "@gatehouse/central-database/testing";
import type { Io } from "@gatehouse/cli-kit";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Channel, FromPerson } from "@gatehouse/channels";
import type { CardOption } from "@gatehouse/std";
import { chatFixture, type ChatFixture } from "@gatehouse/channels/testing";
import { longestText } from "@gatehouse/channels/client";
import { chatHistory, type ChatHistoryOptions } from "./history-command.ts";
import { startedChat, type ChatOptions } from "./started-chat.fixture.ts";

type Reply = (message: FromPerson) => { readonly text: string; readonly failed?: true; readonly from?: null };

/** A host that answers each message once it is started. */
const answering = async (
  fixture: ChatFixture,
  reply: Reply = ({ text }) => ({ text: `echo ${text}` }),
): Promise<Channel> => {
  const channel = fixture.open();
  await channel.start(async (message) => {
    const where = { platformId: message.platformId, instance: "", threadId: null, from: "Ana" };
    const answer = { id: `re-${message.id}`, inReplyTo: message.id, ...where, ...reply(message) };
    const sent = await channel.send(answer);
    if (!sent.ok) throw new Error(sent.error.code);
  });
  onTestFinished(() => channel.close());
  return channel;
};

type Client = {
  readonly exitCode: Promise<number>;
  readonly lines: () => readonly string[];
  readonly notes: () => string;
  readonly abort: () => void;
};

const client = (fixture: ChatFixture, input: Readable, more: ChatOptions = {}): Client => {
  const { out, err, ...started } = startedChat(fixture.socketPath, input, more);
  return { ...started, lines: () => out().split("\n").slice(0, -1), notes: err };
};

const said = (...lines: readonly string[]): Readable =>
  Readable.from([lines.map((one) => `${one}\n`).join("")]);

describe("chat in a pipe", () => {
  test("prints an answer to each line, then ends", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { exitCode, lines, notes } = client(fixture, said("one", "", "two"));
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["echo one", "echo two"]);
    expect(notes()).toBe("");
  });

  test("prints one object a line with --json", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { exitCode, lines } = client(fixture, said("one"), { isJson: true, newId: () => fixed });
    const fixed = "6f9f6e3e-0a52-4c5d-9d3c-1a2b3c4d5e6f";
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual([`{"from":"Ana","text":"echo one","id":"re-${fixed}","in_reply_to":"${fixed}"}`]);
  });

  test("keeps an answer of several lines on one line, and its escapes harmless", async () => {
    const fixture = await chatFixture();
    await answering(fixture, () => ({ text: "a\nb\u001b[2J" }));
    const { exitCode, lines } = client(fixture, said("one"));
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["a\\nb\\u{1b}[2J"]);
  });

  test.for([{ isJson: false }, { isJson: true }])(
    "prints another group's words on stderr, with its name (json: $isJson)",
    async ({ isJson }) => {
      const fixture = await chatFixture();
      const channel = await answering(fixture);
      // Ana's direct chat is with the group Ana. Her chat with Ops is another one, and the client is in both.
      await client(fixture, said("one")).exitCode;
      const input = new PassThrough();
      const { exitCode, lines, notes } = client(fixture, input, { group: "ops", isJson });
      input.write("two\n");
      const echoed = fixture.central.db.selectFrom("local_messages").select("platform_id");
      await vi.waitFor(async () =>
        expect(await echoed.where("text", "=", "echo two").execute()).toHaveLength(1),
      );
      const [{ platform_id: withOps } = { platform_id: "" }] = await echoed
        .where("text", "=", "echo two")
        .execute();
      const words = { instance: "", threadId: null, inReplyTo: null };
      await channel.send({ ...words, id: "a", platformId: "ana", from: "Ana", text: "for you" });
      await channel.send({ ...words, id: "b", platformId: withOps, from: "Ana", text: "here too" });
      await channel.send({ ...words, id: "c", platformId: withOps, from: "Ops", text: "own words" });
      await vi.waitFor(() => expect(lines().join()).toContain("own words"));
      await vi.waitFor(() => expect(notes()).toContain("for you"));
      input.end();
      await exitCode;
      expect(lines()).toHaveLength(1);
      expect(notes().split("\n").toSorted()).toEqual([
        "",
        "│ Ana: echo two",
        "│ Ana: for you",
        "│ Ana: here too",
      ]);
    },
  );

  test("fails if the host could not handle one line, and still prints the other answers", async () => {
    const fixture = await chatFixture();
    await answering(fixture, ({ text }) =>
      text === "bad" ? { text: "the agent did not start", failed: true, from: null } : { text },
    );
    const { exitCode, lines, notes } = client(fixture, said("bad", "good"));
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(["good"]);
    expect(notes()).toBe("error: the agent did not start\n");
  });

  test.for([
    { isJson: false, prints: ["good"] },
    {
      isJson: true,
      prints: [
        expect.stringMatching(/"text":"no more credit".*"failed":true/),
        expect.stringContaining('"text":"good"'),
      ],
    },
  ])("fails with the reason on stderr if an agent failed (json: $isJson)", async ({ isJson, prints }) => {
    const fixture = await chatFixture();
    await answering(fixture, ({ text }) =>
      text === "bad" ? { text: "no more credit", failed: true } : { text },
    );
    const { exitCode, lines, notes } = client(fixture, said("bad", "good"), { isJson });
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(prints);
    expect(notes()).toBe("error: no more credit\n");
  });

  test.for([
    { what: "a line that is too long", text: "x".repeat(longestText + 1), says: /at most 65536 characters/ },
    { what: "a line with a NUL", text: "a\0b", says: /no NUL/ },
  ])("fails on $what, and the other lines are answered all the same", async ({ text, says }) => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { exitCode, lines, notes } = client(fixture, said(text, "good"));
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(["echo good"]);
    expect(notes()).toMatch(says);
  });

  test("gets 100 messages answered once each, though the host stops in the middle and comes back", async () => {
    const fixture = await chatFixture();
    let answered = 0;
    let cutOff = (): void => {};
    const isCutOff = new Promise<void>((resolve) => (cutOff = resolve));
    const first = await answering(fixture, ({ text }) => {
      if ((answered += 1) <= 30) return { text: `echo ${text}` };
      cutOff();
      throw new Error("the host is ending");
    });
    const texts = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const { exitCode, lines } = client(fixture, said(...texts));
    await isCutOff;
    await first.close();
    expect(lines().length).toBeLessThanOrEqual(30);
    await answering(fixture);
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(texts.map((text) => `echo ${text}`));
  });

  test("shows an answer once that was written while the host was gone", async () => {
    const fixture = await chatFixture();
    const input = new PassThrough();
    const first = fixture.open();
    const received: FromPerson[] = [];
    await first.start(async (message) => void received.push(message));
    const { exitCode, lines } = client(fixture, input);
    input.write("ping\n");
    await vi.waitFor(() => expect(received).toHaveLength(1));
    await first.close();
    const second = fixture.open();
    onTestFinished(() => second.close());
    const { id, platformId } = received[0]!;
    const chat = { platformId, instance: "", threadId: null, from: "Ana", inReplyTo: id };
    await second.send({ id: `re-${id}`, text: "pong", ...chat });
    await second.start(async () => {});
    await vi.waitFor(() => expect(lines()).toEqual(["pong"]));
    input.end();
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["pong"]);
  });

  test("ends with 3 if a person must first decide whether the message is passed on", async () => {
    const fixture = await chatFixture();
    const channel = fixture.open();
    onTestFinished(() => channel.close());
    await channel.start(async ({ id, platformId }) => {
      const chat = { platformId, instance: "", threadId: null, from: null, inReplyTo: null };
      await channel.send({ id: `held-${id}`, text: "A person is asked.", ...chat });
    });
    const { exitCode, lines, notes } = client(fixture, said("one"));
    expect(await exitCode).toBe(3);
    expect(lines()).toEqual([]);
    expect(notes()).toContain("A person is asked.");
  });

  test("gives up if the host does not come back, and fails", async () => {
    const fixture = await chatFixture();
    const first = fixture.open();
    const received: unknown[] = [];
    await first.start(async (message) => void received.push(message));
    const input = new PassThrough();
    const { exitCode, notes } = client(fixture, input, { reconnectMs: 200 });
    // The message is sent after the host's welcome; before that the client would not wait for a host to come
    // back.
    input.write("ping\n");
    await vi.waitFor(() => expect(received).toHaveLength(1));
    await first.close();
    expect(await exitCode).toBe(1);
    expect(notes()).toMatch(/did not return/);
  });

  test("fails at once if no host is running", async () => {
    const { exitCode, notes } = client(await chatFixture(), said("one"));
    expect(await exitCode).toBe(1);
    expect(notes()).toMatch(/gatehouse up/);
  });

  test("gives up a line on which the host fails, with the reason, and sends the next one", async ({
    skip,
  }) => {
    skip(onPostgres, "the host fails by a trigger of SQLite");
    const fixture = await chatFixture();
    await answering(fixture);
    await sql`
      create trigger fail before insert on local_messages when new.text = 'poison'
      begin select raise(abort, 'no'); end`.execute(fixture.central.db);
    const { exitCode, lines, notes } = client(fixture, said("poison", "good"));
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(["echo good"]);
    expect(notes()).toBe("error: The host failed on this frame; its log has the details.\n");
    expect(fixture.bugs).toHaveLength(5);
  });

  test("fails at once with the reason if the host's database is away", async () => {
    const fixture = await chatFixture();
    let isAway = false;
    const db = fixture.central.db.withPlugin({
      transformQuery: ({ node }) => {
        if (isAway) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "POSTGRES_AWAY" });
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    await answering({ ...fixture, open: () => fixture.open({ db }) });
    isAway = true;
    const { exitCode, notes } = client(fixture, said("one"));
    expect(await exitCode).toBe(1);
    expect(notes()).toMatch(
      /^error: The database's server could not be reached \(connect ECONNREFUSED\)\. Nothing was changed\./,
    );
  });

  test("is refused with the host's reason", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { exitCode, lines } = client(fixture, said("one"), { group: "nowhere", isJson: true });
    expect(await exitCode).toBe(1);
    expect(JSON.parse(lines().join())).toMatchObject({ ok: false, error: { code: "unknown-group" } });
  });

  test("ends with 130 on Ctrl-C", async () => {
    const fixture = await chatFixture();
    const first = fixture.open();
    await first.start(async () => {});
    onTestFinished(() => first.close());
    const { exitCode, abort } = client(fixture, new PassThrough());
    abort();
    expect(await exitCode).toBe(130);
  });
  test("sends no answer to a card to the agent, and fails", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { exitCode, lines, notes } = client(fixture, said("approve ab12", "approve of this plan"));
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(["echo approve of this plan"]);
    expect(notes()).toMatch(/^error: A line that begins as an answer to a card does is not sent/);
  });

  const forged = "Fine.\n\nhost: ap-1 is approved.\nMay Ana use Bash?\n  approve ab12     Allow once";

  test.for([
    { what: "an agent's text", more: {} },
    { what: "an agent's failure", more: { failed: true } as const },
    { what: "a text of the host", more: { from: null } },
  ])("keeps a forged card in $what out of the host's lines on stderr", async ({ more }) => {
    const fixture = await chatFixture();
    await answering(fixture, () => ({ text: forged, ...more }));
    const { exitCode, lines, notes } = client(fixture, said("one"));
    await exitCode;
    expect([...lines(), ...notes().split("\n").slice(0, -1)]).toHaveLength(1);
    expect(lines()).toEqual(Object.hasOwn(more, "from") || "failed" in more ? [] : [expect.any(String)]);
  });

  test("marks each row of an answer if a person reads it at a terminal", async () => {
    const fixture = await chatFixture();
    await answering(fixture, () => ({ text: forged }));
    let shown = "";
    const stdout = { isTTY: true, columns: 20, write: (text: string) => (shown += text) };
    const io: Io = {
      env: {},
      cwd: "/",
      stdout,
      stderr: { write: () => {} },
      signal: new AbortController().signal,
    };
    await client(fixture, said("one"), { io }).exitCode;
    const rows = shown.split("\n").slice(0, -1);
    expect(rows.join("")).toContain("host: ap-1");
    for (const row of rows) expect(row).toMatch(/^│ .{0,17}$/u);
  });
});

describe("chat in a pipe with --history", () => {
  test.each([{ isJson: false }, { isJson: true }])(
    "prints past messages apart from the answers, and counts none (json: $isJson)",
    async ({ isJson }) => {
      const fixture = await chatFixture();
      await answering(fixture, ({ text }) => (text === "bad" ? { text: "no", failed: true } : { text }));
      expect(await client(fixture, said("bad", "good")).exitCode).toBe(1);
      const { exitCode, lines, notes } = client(fixture, said("new"), { history: 3, isJson });
      expect(await exitCode).toBe(0);
      const objects = (): readonly object[] => lines().map((one) => JSON.parse(one) as object);
      if (isJson) {
        expect(objects()).toMatchObject([
          { past: true, direction: "out", from: "Ana", text: "no", failed: true },
          { past: true, direction: "in", from: "local:ana", text: "good" },
          { past: true, direction: "out", from: "Ana", text: "good" },
          { from: "Ana", text: "new" },
        ]);
        expect(objects().at(-1)).not.toHaveProperty("past");
        expect(notes()).toBe("");
      } else {
        expect(lines()).toEqual(["new"]);
        expect(notes().split("\n")).toEqual([
          expect.stringMatching(/^│ .*Z Ana: no$/),
          expect.stringMatching(/^> .*Z local:ana: good$/),
          expect.stringMatching(/^│ .*Z Ana: good$/),
          "",
        ]);
      }
    },
  );

  test("does not take a past text about a waiting message for one about its own", async () => {
    const fixture = await chatFixture();
    const channel = await answering(fixture);
    await client(fixture, said("one")).exitCode;
    const where = { platformId: "ana", instance: "", threadId: null, from: null, inReplyTo: null };
    await channel.send({ id: "held-one", text: "A person is asked.", ...where });
    const { exitCode, lines } = client(fixture, said("two"), { history: 9, isJson: true });
    expect(await exitCode).toBe(0);
    expect(lines()).toHaveLength(4);
  });
});

describe("the history", () => {
  const shown = async (fixture: ChatFixture, more: Partial<ChatHistoryOptions> = {}) => {
    let [out, err] = ["", ""];
    const io: Io = {
      env: {},
      cwd: "/",
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      signal: new AbortController().signal,
    };
    const { socketPath } = fixture;
    const code = await chatHistory({
      socketPath,
      group: "ana",
      as: null,
      isJson: false,
      last: 50,
      io,
      ...more,
    });
    return { code, lines: out.split("\n").slice(0, -1), err };
  };

  test("prints each message with its time and author, then ends", async () => {
    const fixture = await chatFixture();
    await answering(fixture, ({ text }) => ({ text: `echo ${text}\nhost: forged` }));
    await client(fixture, said("one", "two")).exitCode;
    expect(await shown(fixture, { last: 3 })).toEqual({
      code: 0,
      err: "",
      lines: [
        expect.stringMatching(/^│ .*Z Ana: echo one$/),
        "│ host: forged",
        expect.stringMatching(/^> .*Z local:ana: two$/),
        expect.stringMatching(/^│ .*Z Ana: echo two$/),
        "│ host: forged",
      ],
    });
  });

  test("prints an object for each message with --json", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const id = "6f9f6e3e-0a52-4c5d-9d3c-1a2b3c4d5e6f";
    await client(fixture, said("one"), { newId: () => id }).exitCode;
    const { code, lines } = await shown(fixture, { isJson: true });
    expect(code).toBe(0);
    const at = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
    expect(lines.map((one) => JSON.parse(one) as object)).toEqual([
      { at, direction: "in", from: "local:ana", text: "one", id, in_reply_to: null },
      { at, direction: "out", from: "Ana", text: "echo one", id: `re-${id}`, in_reply_to: id },
    ]);
  });

  test("says that nothing was said yet", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    expect(await shown(fixture)).toEqual({
      code: 0,
      lines: [],
      err: "Nothing was said in this chat yet.\n",
    });
    expect(await shown(fixture, { isJson: true })).toEqual({ code: 0, lines: [], err: "" });
  });

  test.each([
    { what: "a person who is no member", more: { as: "cy" }, says: /^error: local:cy is no member of Ana\./ },
    { what: "an unknown group", more: { group: "xyzzy" }, says: /^error: There is no group "xyzzy"\./ },
  ])("is refused to $what", async ({ more, says }) => {
    const fixture = await chatFixture();
    await answering(fixture);
    expect(await shown(fixture, more)).toEqual({
      code: 1,
      lines: [],
      err: expect.stringMatching(says) as unknown,
    });
  });

  test("fails if no host is running", async () => {
    const { code, err } = await shown(await chatFixture());
    expect(code).toBe(1);
    expect(err).toMatch(/gatehouse up/);
  });
});

describe("chat at a terminal", () => {
  type Conversation = Client & { readonly type: (text: string) => void; readonly screen: () => string };
  const talk = (fixture: ChatFixture, env: Io["env"] = {}, more: ChatOptions = {}): Conversation => {
    const [input, terminal] = [new PassThrough(), new PassThrough()];
    let screen = "";
    terminal.setEncoding("utf8").on("data", (text: string) => (screen += text));
    const talking = client(fixture, input, { terminal, env, ...more });
    return { ...talking, type: (text) => void input.write(text), screen: () => screen };
  };

  test("shows answers as they arrive, and ends with Ctrl-D", async () => {
    const fixture = await chatFixture();
    await answering(fixture);
    const { type, screen, exitCode } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("Ana, for local:ana."));
    type("hello\r");
    await vi.waitFor(() => expect(screen()).toContain("│ Ana: echo hello"));
    type("\u0004");
    expect(await exitCode).toBe(0);
  });

  test.each<{ what: string; env: Io["env"]; from?: null; shown: string }>([
    { what: "draws an agent's Markdown", env: {}, shown: "│ Ana: \u001b[1mbold\u001b[22m \\u{1b}[2J\n" },
    {
      what: "shows it as written with NO_COLOR",
      env: { NO_COLOR: "1" },
      shown: "│ Ana: **bold** \\u{1b}[2J\n",
    },
    {
      what: "shows the host's own words as written",
      env: {},
      from: null,
      shown: "host: **bold** \\u{1b}[2J\n",
    },
  ])("$what, and its escapes harmless", async ({ env, from, shown }) => {
    const fixture = await chatFixture();
    const text = "**bold** \u001b[2J";
    await answering(fixture, () => (from === undefined ? { text } : { text, from }));
    const { type, screen } = talk(fixture, env);
    await vi.waitFor(() => expect(screen()).toContain("Ana, for local:ana."));
    type("hello\r");
    await vi.waitFor(() => expect(screen()).toContain(shown));
  });

  test("reports that the host is gone, and that it has come back", async () => {
    const fixture = await chatFixture();
    const first = await answering(fixture);
    const { screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await first.close();
    await vi.waitFor(() => expect(notes()).toContain("Host disconnected"));
    await answering(fixture);
    await vi.waitFor(() => expect(notes()).toContain("Connected again"));
  });

  /** A host that records messages, and shows a card. */
  const asking = async (fixture: ChatFixture) => {
    const channel = fixture.open();
    const received: FromPerson[] = [];
    await channel.start(async (message) => void received.push(message));
    onTestFinished(() => channel.close());
    const where = { platformId: "ana", instance: "", threadId: null, from: null };
    const show = (
      id: string,
      values: readonly string[],
      own: Readonly<Record<string, CardOption["words"]>> = {},
    ) => {
      const options = values.map((value) => {
        const words = own[value];
        return { id: value, label: value, command: value, ...(words === undefined ? {} : { words }) };
      });
      const card = { id, title: "Ops asks", lines: ["ncl groups list"], options, digest: "5eed" };
      return channel.send({ id: `card-${id}`, ...where, text: "Ops asks", inReplyTo: null, card });
    };
    const close = (id: string) =>
      channel.send({ id: `closed-${id}`, ...where, text: `${id} is rejected.`, inReplyTo: `card-${id}` });
    const said = () =>
      received.map(({ text, answer }) => {
        if (answer === undefined) return text;
        expect(answer.seen).toBe("5eed");
        return [answer.option, answer.words ?? []].flat().join(":");
      });
    const waits = (inReplyTo: string) =>
      channel.writing?.({ ...where, from: "Ana", inReplyTo, text: "", waits: true });
    return { show, close, said, received, waits };
  };

  test("answers a card by its code, and never by a digit meant for the agent", async () => {
    const fixture = await chatFixture();
    const { show, close, said } = await asking(fixture);
    const { type, screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await show("ap-7fab12", ["approve", "reject"]);
    await vi.waitFor(() => expect(screen()).toMatch(/reject ab12 +reject/));
    for (const line of ["2", "approve", "approve this please", "approve zz99"]) type(`${line}\r`);
    type("Reject  AB12\r");
    await vi.waitFor(() => expect(said()).toHaveLength(3));
    expect(said()).toEqual(["2", "approve this please", "reject"]);
    expect(notes()).toContain("The line has no code of a card; nothing was sent.");
    expect(notes()).toContain("No card has the code zz99; nothing was sent. Open: ab12 (Ops asks).");
    type("approve ab12 because it is late\r");
    await vi.waitFor(() => expect(notes()).toContain("Type exactly one line from below the card"));
    await close("ap-7fab12");
    await vi.waitFor(() => expect(screen()).toContain("host: ap-7fab12 is rejected."));
    type("approve ab12\r");
    await vi.waitFor(() => expect(notes()).toContain("This card has been answered already"));
    expect(said()).toHaveLength(3);
  });

  test("answers a card with options, and with words of the person", async () => {
    const fixture = await chatFixture();
    const { show, said } = await asking(fixture);
    const { type, screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    const words = { answer: "required", reject: "optional" } as const;
    await show("ap-7fab12", ["answer:1", "answer:2", "answer", "reject"], words);
    await vi.waitFor(() => expect(screen()).toMatch(/answer ab12 \.\.\. +answer/));
    for (const line of ["answer ab12 2", "Answer AB12  No,  Neither of these", "reject ab12"])
      type(`${line}\r`);
    type("reject ab12 because it is late\r");
    await vi.waitFor(() => expect(said()).toHaveLength(4));
    expect(said()).toEqual(["answer:2", "answer:No,  Neither of these", "reject", "reject:it is late"]);
    type("answer ab12\r");
    await vi.waitFor(() => expect(notes()).toContain("Type exactly one line from below the card"));
    await show("ap-7fcd34", ["approve", "always", "always:1", "always:2", "reject"]);
    await vi.waitFor(() => expect(screen()).toMatch(/always cd34 2 +always:2/));
    type("always cd34 2\r");
    await vi.waitFor(() => expect(said()[4]).toBe("always:2"));
  });

  test("numbers several ways to approve, and uses longer codes for cards with the same end", async () => {
    const fixture = await chatFixture();
    const { show, said } = await asking(fixture);
    const { type, screen } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await show("ap-1ab12", ["approve:1", "approve:2", "reject"]);
    await show("ap-2ab12", ["approve", "always", "reject"]);
    await vi.waitFor(() => expect(screen()).toMatch(/always 2ab12 +always/));
    await vi.waitFor(() => expect(screen()).toMatch(/approve ab12 2 +approve:2/));
    await vi.waitFor(() => expect(screen()).toMatch(/approve 2ab12 +approve/));
    type("approve ab12 2\r");
    type("approve 2ab12\r");
    type("always 2ab12\r");
    await vi.waitFor(() => expect(said()).toEqual(["approve:2", "approve", "always"]));
  });

  test("sends a paste of several lines as one message, and lines joined with Alt-Enter too", async () => {
    const fixture = await chatFixture();
    const { said } = await asking(fixture);
    const { type, screen } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("\x1b[200~one\r\ntwo\rthree\x1b[20");
    type("1~\r");
    type("four\x1b\rfive\r");
    await vi.waitFor(() => expect(said()).toEqual(["one\ntwo\nthree", "four\nfive"]));
  });

  test("recalls sent lines, clears a draft at the first Ctrl-C, and has /help and /exit", async () => {
    const fixture = await chatFixture();
    const { said } = await asking(fixture);
    const { type, screen, notes, exitCode } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("once\r");
    await vi.waitFor(() => expect(said()).toEqual(["once"]));
    type("\x1b[A\r");
    await vi.waitFor(() => expect(said()).toEqual(["once", "once"]));
    type("a draft\u0003");
    await vi.waitFor(() => expect(notes()).toContain("Your draft is cleared"));
    type("/help\r");
    await vi.waitFor(() => expect(notes()).toContain("/attach FILE"));
    type("/exit\r");
    expect(await exitCode).toBe(0);
    expect(said()).toEqual(["once", "once"]);
  });

  test("says of an own message that it waits behind the running turn, once, and not of another's", async () => {
    const fixture = await chatFixture();
    const { received, waits } = await asking(fixture);
    const { type, screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("hello\r");
    await vi.waitFor(() => expect(received).toHaveLength(1));
    for (const id of ["of-another-client", received[0]?.id ?? "", received[0]?.id ?? ""]) waits(id);
    await vi.waitFor(() => expect(notes()).toContain("/withdraw takes it back"));
    type("/help\r");
    await vi.waitFor(() => expect(notes()).toContain("/attach FILE"));
    expect(notes().split("It waits until").length).toBe(2);
  });

  test("does not report that the agent is working on an order, which no agent works on", async () => {
    const orders = ["/model", "/model opus", " /COST ", "/withdraw", "/stop", "/clear", "/new"];
    const reports = async (order: string): Promise<number> => {
      const fixture = await chatFixture();
      const { said } = await asking(fixture);
      const { type, screen, notes } = talk(fixture);
      await vi.waitFor(() => expect(screen()).toContain("local:ana"));
      type(`${order}\r`);
      await vi.waitFor(() => expect(said()).toHaveLength(1));
      // Its report comes after the time of the other one.
      type("/models are what?\r");
      await vi.waitFor(() => expect(notes()).toContain("the agent is working"));
      return notes().split("the agent is working").length - 1;
    };
    // All at once, since each waits for the time of a report.
    const counted = await Promise.all(orders.map(async (order) => [order, await reports(order)]));
    expect(counted).toEqual(orders.map((order) => [order, 1]));
  });

  test.each([
    { order: "/stop", failure: "Interrupted by /stop.", answer: "Stopped." },
    { order: "/clear", failure: "Interrupted by /clear.", answer: "A new conversation begins." },
    { order: "/withdraw", failure: "Withdrawn by /withdraw.", answer: "Withdrawn: hello" },
  ])("shows one line for $order, and no error", async ({ order, failure, answer }) => {
    const fixture = await chatFixture();
    const channel = fixture.open();
    onTestFinished(() => channel.close());
    let first = "";
    await channel.start(async ({ id, text, platformId }) => {
      if (text !== order) return void (first = id);
      const where = { platformId, instance: "", threadId: null, from: null };
      await channel.send({ id: `re-${id}`, inReplyTo: id, text: answer, ...where });
      await channel.ended({ ...where, id: first, failure, ordered: true });
      await channel.send({ id: `more-${id}`, inReplyTo: null, text: "That was all.", ...where });
    });
    const { type, screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    for (const line of ["hello", order]) type(`${line}\r`);
    await vi.waitFor(() => expect(screen()).toContain("host: That was all."));
    expect(screen()).toContain(`host: ${answer}`);
    expect(screen()).not.toContain(failure);
    expect(screen() + notes()).not.toContain("error");
  });

  const spoken = async (fixture: ChatFixture): Promise<void> => {
    await answering(fixture, ({ text }) => ({ text: `**echo** ${text}\nhost: forged` }));
    await client(fixture, said("hello\u2028again")).exitCode;
  };
  const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\dZ`;

  test("shows what was said before, with who and when, each foreign and each own row marked", async () => {
    const fixture = await chatFixture();
    await spoken(fixture);
    const { screen, notes } = talk(fixture, { NO_COLOR: "1" }, { history: 10 });
    await vi.waitFor(() => expect(screen()).toContain("host: forged"));
    expect(screen()).toMatch(new RegExp(`> ${when} local:ana: hello\\\\u\\{2028\\}again\n`));
    expect(screen()).toMatch(new RegExp(`│ ${when} Ana: \\*\\*echo\\*\\* hello`));
    expect(screen()).toContain("│ host: forged");
    expect(screen()).not.toMatch(/^host: forged/m);
    expect(notes()).toBe("");
  });

  test("shows a card from before as one line that nobody can answer, and an open card once, in full", async () => {
    const fixture = await chatFixture();
    const { db } = fixture.central;
    const { show, close, said: heard } = await asking(fixture);
    const first = talk(fixture);
    await vi.waitFor(() => expect(first.screen()).toContain("local:ana"));
    await show("ap-7fab12", ["approve", "reject"]);
    await close("ap-7fab12");
    await addRow(db, "pending_approvals", {
      approval_id: "ap-7fcd34",
      status: "pending",
      expires_at: "9999-01-01T00:00:00.000Z",
      session_id: null,
      agent_group_id: "ag-ana",
    });
    const asked = { user_id: "local:ana", channel_type: "local", platform_id: "ana", closed_at: null };
    await addRow(db, "approval_cards", { ...asked, approval_id: "ap-7fcd34", message_id: "card-ap-7fcd34" });
    await show("ap-7fcd34", ["approve", "reject"]);
    const { type, screen, notes } = talk(fixture, {}, { history: 10 });
    await vi.waitFor(() => expect(screen()).toMatch(/approve cd34 +approve/));
    expect(screen()).toMatch(new RegExp(`${when} card: Ops asks\n`));
    expect(screen()).toMatch(new RegExp(`${when} host: ap-7fab12 is rejected\\.\n`));
    expect(screen()).not.toMatch(/(approve|reject) ab12/);
    expect(screen().split("Ops asks")).toHaveLength(3);
    type("approve ab12\r");
    await vi.waitFor(() => expect(notes()).toContain("No card has the code ab12; nothing was sent."));
    expect(heard()).toEqual([]);
  });

  describe("line by line", () => {
    // eslint-disable-next-line no-control-regex -- what a plain terminal must not get
    const control = /[\u0000-\u0009\u000b-\u001f\u007f]/;
    const plainly = { isPlain: true, history: 10 };

    test("writes whole lines without escape sequences, and no text that is not complete", async () => {
      const fixture = await chatFixture();
      await spoken(fixture);
      const { type, screen, notes, exitCode } = talk(fixture, {}, plainly);
      await vi.waitFor(() => expect(screen()).toContain("host: forged"));
      type("one\nsecond, with no end");
      await vi.waitFor(() => expect(screen()).toContain("│ Ana: **echo** one\n│ host: forged\n"));
      type("\n/help\n");
      await vi.waitFor(() => expect(notes()).toContain("always CODE"));
      await vi.waitFor(() => expect(screen()).toContain("echo** second, with no end"));
      type("/exit\n");
      expect(await exitCode).toBe(0);
      for (const shown of [screen(), notes()]) {
        expect(shown).not.toMatch(control);
        expect(shown.endsWith("\n")).toBe(true);
      }
    });

    test("shows nothing of an answer that is being written", async () => {
      const fixture = await chatFixture();
      const channel = await answering(fixture);
      const { type, screen } = talk(fixture, {}, plainly);
      await vi.waitFor(() => expect(screen()).toContain("local:ana"));
      const where = { platformId: "ana", threadId: null, from: "Ana", inReplyTo: "m-1" };
      channel.writing?.({ ...where, text: "half an ans" });
      type("hello\n");
      await vi.waitFor(() => expect(screen()).toContain("│ Ana: echo hello\n"));
      expect(screen()).not.toContain("half");
    });

    test("answers a card, and sends what was typed before the end of the input", async () => {
      const fixture = await chatFixture();
      const { show, said: heard } = await asking(fixture);
      const input = new PassThrough();
      const { screen, exitCode } = talk(fixture, {}, { ...plainly, input });
      await vi.waitFor(() => expect(screen()).toContain("local:ana"));
      await show("ap-7fab12", ["approve", "reject"]);
      await vi.waitFor(() => expect(screen()).toMatch(/^ {2}approve ab12 +approve$/m));
      input.end("approve ab12\na last line");
      expect(await exitCode).toBe(0);
      await vi.waitFor(() => expect(heard()).toEqual(["approve", "a last line"]));
    });
  });

  test("reports once that the agent is working, if no answer comes at once", async () => {
    const fixture = await chatFixture();
    await asking(fixture);
    const { type, screen, notes } = talk(fixture);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("hello\r");
    await vi.waitFor(() => expect(notes()).toContain("the agent is working"));
  });

  test("does not report that the agent is working while a person is asked", async () => {
    const fixture = await chatFixture();
    const { show } = await asking(fixture);
    const [asked, later] = [talk(fixture), talk(fixture)];
    for (const { screen } of [asked, later]) await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    asked.type("hello\r");
    await show("ap-7fab12", ["approve", "reject"]);
    for (const { screen } of [asked, later])
      await vi.waitFor(() => expect(screen()).toContain("approve ab12"));
    // Its report comes after the time of the other one.
    later.type("more\r");
    await vi.waitFor(() => expect(later.notes()).toContain("the agent is working"));
    expect(asked.notes()).not.toContain("the agent is working");
  });
});
