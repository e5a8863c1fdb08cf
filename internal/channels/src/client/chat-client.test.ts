import { randomUUID } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import type { Io } from "@gatehouse/cli-kit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Channel, FromPerson } from "../channel.ts";
import { chatBed, type ChatBed } from "../local/chat.fixture.ts";
import { longestText } from "../local/frames.ts";
import { chatClient } from "./chat-client.ts";
import type { ChatClientOptions } from "./chat-mode.ts";

type Reply = (message: FromPerson) => { readonly text: string; readonly failed?: true; readonly from?: null };

/** A host that answers each message, once it is started. */
const answering = async (
  bed: ChatBed,
  reply: Reply = ({ text }) => ({ text: `echo ${text}` }),
): Promise<Channel> => {
  const channel = bed.open();
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

const client = (bed: ChatBed, input: Readable, more: Partial<ChatClientOptions> = {}): Client => {
  let [out, err] = ["", ""];
  const controller = new AbortController();
  const io: Io = {
    env: {},
    cwd: "/",
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    signal: controller.signal,
  };
  const plain = { group: "ana", as: null, isJson: false, terminal: null, attach: [], saveDir: null };
  const exitCode = chatClient({
    socketPath: bed.socketPath,
    ...plain,
    newId: randomUUID,
    input,
    io,
    ...more,
  });
  onTestFinished(async () => {
    controller.abort();
    await exitCode;
  });
  return {
    exitCode,
    lines: () => out.split("\n").slice(0, -1),
    notes: () => err,
    abort: () => controller.abort(),
  };
};

const said = (...lines: readonly string[]): Readable =>
  Readable.from([lines.map((one) => `${one}\n`).join("")]);

describe("chat in a pipe", () => {
  test("prints an answer to each line, then ends", async () => {
    const bed = await chatBed();
    await answering(bed);
    const { exitCode, lines, notes } = client(bed, said("one", "", "two"));
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["echo one", "echo two"]);
    expect(notes()).toBe("");
  });

  test("prints one object a line with --json", async () => {
    const bed = await chatBed();
    await answering(bed);
    const { exitCode, lines } = client(bed, said("one"), { isJson: true, newId: () => fixed });
    const fixed = "6f9f6e3e-0a52-4c5d-9d3c-1a2b3c4d5e6f";
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual([`{"from":"Ana","text":"echo one","id":"re-${fixed}","in_reply_to":"${fixed}"}`]);
  });

  test("keeps an answer of several lines on one line, and its escapes harmless", async () => {
    const bed = await chatBed();
    await answering(bed, () => ({ text: "a\nb\u001b[2J" }));
    const { exitCode, lines } = client(bed, said("one"));
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["a\\nb\\u{1b}[2J"]);
  });

  test.for([{ isJson: false }, { isJson: true }])(
    "prints another group's words on stderr, with its name (json: $isJson)",
    async ({ isJson }) => {
      const bed = await chatBed();
      const channel = await answering(bed);
      // Ana's direct chat is with the group Ana, so that with Ops is another one, and she is in both.
      await client(bed, said("one")).exitCode;
      const input = new PassThrough();
      const { exitCode, lines, notes } = client(bed, input, { group: "ops", isJson });
      input.write("two\n");
      const echoed = bed.central.db.selectFrom("local_messages").select("platform_id");
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
      expect(notes().split("\n").toSorted()).toEqual(["", "Ana: echo two", "Ana: for you", "Ana: here too"]);
    },
  );

  test("fails if the host could not do one, and still prints the others", async () => {
    const bed = await chatBed();
    await answering(bed, ({ text }) =>
      text === "bad" ? { text: "the agent did not start", failed: true, from: null } : { text },
    );
    const { exitCode, lines, notes } = client(bed, said("bad", "good"));
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
    const bed = await chatBed();
    await answering(bed, ({ text }) =>
      text === "bad" ? { text: "no more credit", failed: true } : { text },
    );
    const { exitCode, lines, notes } = client(bed, said("bad", "good"), { isJson });
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(prints);
    expect(notes()).toBe("error: no more credit\n");
  });

  test.for([
    { what: "a line that is too long", text: "x".repeat(longestText + 1), says: /at most 65536 characters/ },
    { what: "a line with a NUL", text: "a\0b", says: /no NUL/ },
  ])("fails on $what, and still has the others answered", async ({ text, says }) => {
    const bed = await chatBed();
    await answering(bed);
    const { exitCode, lines, notes } = client(bed, said(text, "good"));
    expect(await exitCode).toBe(1);
    expect(lines()).toEqual(["echo good"]);
    expect(notes()).toMatch(says);
  });

  test("has 100 messages answered once each over a host that ends in the middle and comes back", async () => {
    const bed = await chatBed();
    let answered = 0;
    let cutOff = (): void => {};
    const isCutOff = new Promise<void>((resolve) => (cutOff = resolve));
    const first = await answering(bed, ({ text }) => {
      if ((answered += 1) <= 30) return { text: `echo ${text}` };
      cutOff();
      throw new Error("the host is ending");
    });
    const texts = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const { exitCode, lines } = client(bed, said(...texts));
    await isCutOff;
    await first.close();
    expect(lines().length).toBeLessThanOrEqual(30);
    await answering(bed);
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(texts.map((text) => `echo ${text}`));
  });

  test("shows an answer that was written while the host was gone once", async () => {
    const bed = await chatBed();
    const input = new PassThrough();
    const first = bed.open();
    const taken: FromPerson[] = [];
    await first.start(async (message) => void taken.push(message));
    const { exitCode, lines } = client(bed, input);
    input.write("ping\n");
    await vi.waitFor(() => expect(taken).toHaveLength(1));
    await first.close();
    const second = bed.open();
    onTestFinished(() => second.close());
    const { id, platformId } = taken[0]!;
    const chat = { platformId, instance: "", threadId: null, from: "Ana", inReplyTo: id };
    await second.send({ id: `re-${id}`, text: "pong", ...chat });
    await second.start(async () => {});
    await vi.waitFor(() => expect(lines()).toEqual(["pong"]), { timeout: 4000 });
    input.end();
    expect(await exitCode).toBe(0);
    expect(lines()).toEqual(["pong"]);
  });

  test("ends with 3 where a person decides first whether the message is passed on", async () => {
    const bed = await chatBed();
    const channel = bed.open();
    onTestFinished(() => channel.close());
    await channel.start(async ({ id, platformId }) => {
      const chat = { platformId, instance: "", threadId: null, from: null, inReplyTo: null };
      await channel.send({ id: `held-${id}`, text: "A person is asked.", ...chat });
    });
    const { exitCode, lines, notes } = client(bed, said("one"));
    expect(await exitCode).toBe(3);
    expect(lines()).toEqual([]);
    expect(notes()).toContain("A person is asked.");
  });

  test("gives up on a host that does not come back, and fails", async () => {
    const bed = await chatBed();
    const first = bed.open();
    const taken: unknown[] = [];
    await first.start(async (message) => void taken.push(message));
    const input = new PassThrough();
    const { exitCode, notes } = client(bed, input, { reconnectMs: 200 });
    // A message is sent once the host has greeted the client: before that there would be no host to come back.
    input.write("ping\n");
    await vi.waitFor(() => expect(taken).toHaveLength(1));
    await first.close();
    expect(await exitCode).toBe(1);
    expect(notes()).toMatch(/did not return/);
  });

  test("says at once that no host is there", async () => {
    const { exitCode, notes } = client(await chatBed(), said("one"));
    expect(await exitCode).toBe(1);
    expect(notes()).toMatch(/gatehouse up/);
  });

  test("is refused with the host's reason", async () => {
    const bed = await chatBed();
    await answering(bed);
    const { exitCode, lines } = client(bed, said("one"), { group: "nowhere", isJson: true });
    expect(await exitCode).toBe(1);
    expect(JSON.parse(lines().join())).toMatchObject({ ok: false, error: { code: "unknown-group" } });
  });

  test("ends with 130 on Ctrl-C", async () => {
    const bed = await chatBed();
    const first = bed.open();
    await first.start(async () => {});
    onTestFinished(() => first.close());
    const { exitCode, abort } = client(bed, new PassThrough());
    abort();
    expect(await exitCode).toBe(130);
  });
});

describe("chat at a terminal", () => {
  type Conversation = Client & { readonly type: (text: string) => void; readonly screen: () => string };
  const talk = (bed: ChatBed): Conversation => {
    const [input, terminal] = [new PassThrough(), new PassThrough()];
    let screen = "";
    terminal.setEncoding("utf8").on("data", (text: string) => (screen += text));
    const talking = client(bed, input, { terminal });
    return { ...talking, type: (text) => void input.write(text), screen: () => screen };
  };

  test("shows answers as they come, and ends with Ctrl-D", async () => {
    const bed = await chatBed();
    await answering(bed);
    const { type, screen, exitCode } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("Ana, for local:ana."));
    type("hello\r");
    await vi.waitFor(() => expect(screen()).toContain("Ana: echo hello"));
    type("\u0004");
    expect(await exitCode).toBe(0);
  });

  test("says that the host is gone, and that it came back", async () => {
    const bed = await chatBed();
    const first = await answering(bed);
    const { screen, notes } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await first.close();
    await vi.waitFor(() => expect(notes()).toContain("Host disconnected"));
    await answering(bed);
    await vi.waitFor(() => expect(notes()).toContain("Connected again"), { timeout: 4000 });
  });

  /** A host that keeps what people say, and shows a card. */
  const asking = async (bed: ChatBed) => {
    const channel = bed.open();
    const taken: FromPerson[] = [];
    await channel.start(async (message) => void taken.push(message));
    onTestFinished(() => channel.close());
    const where = { platformId: "ana", instance: "", threadId: null, from: null };
    const show = (id: string, values: readonly string[]) => {
      const options = values.map((value) => ({ value, label: value }));
      const card = { id, title: "Ops asks", lines: ["ncl groups list"], options };
      return channel.send({ id: `card-${id}`, ...where, text: "Ops asks", inReplyTo: null, card });
    };
    const close = (id: string) =>
      channel.send({ id: `closed-${id}`, ...where, text: `${id} is rejected.`, inReplyTo: `card-${id}` });
    const said = () => taken.map(({ text, answer = null }) => answer?.option ?? text);
    return { show, close, said };
  };

  test("answers a card by its code, and never by a digit that is meant for the agent", async () => {
    const bed = await chatBed();
    const { show, close, said } = await asking(bed);
    const { type, screen, notes } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await show("ap-7fab12", ["approve", "reject"]);
    await vi.waitFor(() => expect(screen()).toMatch(/reject ab12 +reject/));
    for (const line of ["2", "approve", "approve this please", "approve zz99"]) type(`${line}\r`);
    type("Reject  AB12\r");
    await vi.waitFor(() => expect(said()).toHaveLength(5));
    expect(said()).toEqual(["2", "approve", "approve this please", "approve zz99", "reject"]);
    type("reject ab12 because it is late\r");
    await vi.waitFor(() => expect(notes()).toContain("Type exactly one line from below the card"));
    await close("ap-7fab12");
    await vi.waitFor(() => expect(screen()).toContain("host: ap-7fab12 is rejected."));
    type("approve ab12\r");
    await vi.waitFor(() => expect(notes()).toContain("This card has been answered already"));
    expect(said()).toHaveLength(5);
  });

  test("names several ways to approve by number, and cards with one end by longer codes", async () => {
    const bed = await chatBed();
    const { show, said } = await asking(bed);
    const { type, screen } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    await show("ap-1ab12", ["approve:a", "approve:b", "reject"]);
    await show("ap-2ab12", ["approve", "reject"]);
    await vi.waitFor(() => expect(screen()).toMatch(/approve ab12 2 +approve:b/));
    await vi.waitFor(() => expect(screen()).toMatch(/approve 2ab12 +approve/));
    type("approve ab12 2\r");
    type("approve 2ab12\r");
    await vi.waitFor(() => expect(said()).toEqual(["approve:b", "approve"]));
  });

  test("sends a paste of several lines as one message, and Alt-Enter's lines too", async () => {
    const bed = await chatBed();
    const { said } = await asking(bed);
    const { type, screen } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("\x1b[200~one\r\ntwo\rthree\x1b[20");
    type("1~\r");
    type("four\x1b\rfive\r");
    await vi.waitFor(() => expect(said()).toEqual(["one\ntwo\nthree", "four\nfive"]));
  });

  test("brings back what was sent, clears a draft at the first Ctrl-C, and has /help and /exit", async () => {
    const bed = await chatBed();
    const { said } = await asking(bed);
    const { type, screen, notes, exitCode } = talk(bed);
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

  test("says once that the agent works where no answer comes at once", async () => {
    const bed = await chatBed();
    await asking(bed);
    const { type, screen, notes } = talk(bed);
    await vi.waitFor(() => expect(screen()).toContain("local:ana"));
    type("hello\r");
    await vi.waitFor(() => expect(notes()).toContain("the agent is working"), { timeout: 5_000 });
  });
});
