import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Attachment, Card, Channel, FromPerson, ToChat } from "../channel.ts";

/** A file with a text in it. */
export type TextFile = { readonly name: string; readonly text: string };

/** A message as a person sees it in their chat. */
export type Seen = {
  readonly id: string;
  readonly text: string;
  readonly card: Card | null;
  readonly files: readonly TextFile[];
};

/** A channel's platform, with a person on it who has a direct chat with the bot. */
export type ChannelBench = {
  /** The channel on this platform. Opened again after it was closed, it is the one of a restarted host. */
  readonly open: () => Channel;
  readonly userId: string;
  /** The person's chat. */
  readonly platformId: string;
  /** Somebody of this platform whom no chat can be begun with. */
  readonly strangerId: string;
  /** The person writes. Resolves with the message's id when the platform has it. */
  readonly say: (text: string, files?: readonly TextFile[]) => Promise<string>;
  readonly answer: (cardId: string, option: string) => Promise<void>;
  /** What the person sees, from the first message on. */
  readonly seen: () => Promise<readonly Seen[]>;
};

type Taken = { readonly messages: FromPerson[]; readonly take: (message: FromPerson) => Promise<void> };
const taker = (): Taken => {
  const messages: FromPerson[] = [];
  return { messages, take: async (message) => void messages.push(message) };
};
const started = async (channel: Channel, take: Taken["take"]): Promise<Channel> => {
  await channel.start(take);
  onTestFinished(() => channel.close());
  return channel;
};
const to = (platformId: string, more: Partial<ToChat> = {}): ToChat => ({
  id: "re-1",
  platformId,
  instance: "",
  threadId: null,
  text: "pong",
  inReplyTo: null,
  from: "Ana",
  ...more,
});

const attachment = ({ name, text }: TextFile): Attachment => ({
  name,
  size: new TextEncoder().encode(text).length,
  content: async function* () {
    yield new TextEncoder().encode(text);
  },
});

const textOf = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of content) text += decoder.decode(chunk, { stream: true });
  return text;
};

const twoFiles: readonly TextFile[] = [
  { name: "a.txt", text: "one" },
  { name: "b ü.txt", text: "two ü" },
];

type MakeBench = () => Promise<ChannelBench>;

const intake = (bench: MakeBench): void => {
  test("hands over a person's message, once, with who and where", async () => {
    const { open, say, userId, platformId } = await bench();
    const { messages, take } = taker();
    const channel = await started(open(), take);
    const id = await say("ping");
    await vi.waitFor(() => expect(messages).toHaveLength(1));
    const from = { id, channelType: channel.type, platformId, userId, text: "ping", isDirect: true };
    expect(messages[0]).toMatchObject(from);
    expect(Number.isNaN(Date.parse(messages[0]?.at ?? ""))).toBe(false);
  });

  test("hands over the messages of a chat in their order", async () => {
    const { open, say } = await bench();
    const { messages, take } = taker();
    await started(open(), take);
    const texts = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    for (const text of texts) await say(text);
    await vi.waitFor(() => expect(messages.map(({ text }) => text)).toEqual(texts));
  });

  test("hands a message over again after a restart, if the host did not have it for good", async () => {
    const { open, say } = await bench();
    const first = open();
    let isAsked = false;
    await first.start(() => {
      isAsked = true;
      return Promise.reject(new Error("the disk is full"));
    });
    const id = await say("ping");
    await vi.waitFor(() => expect(isAsked).toBe(true));
    await first.close();
    const { messages, take } = taker();
    await started(open(), take);
    await vi.waitFor(() => expect(messages.map((message) => message.id)).toEqual([id]));
  });

  test("hands no message over again that the host had", async () => {
    const { open, say } = await bench();
    const before = taker();
    const first = open();
    await first.start(before.take);
    await say("one");
    await vi.waitFor(() => expect(before.messages).toHaveLength(1));
    await first.close();
    const after = taker();
    await started(open(), after.take);
    await say("two");
    await vi.waitFor(() => expect(after.messages.map(({ text }) => text)).toEqual(["two"]));
  });
};

const attachments = (bench: MakeBench): void => {
  /** Takes messages as a host does: with the bytes of their files. */
  const reader = () => {
    const read: (readonly (TextFile & { readonly size: number })[])[] = [];
    const take = async ({ attachments: files = [] }: FromPerson): Promise<void> => {
      const texts: (TextFile & { readonly size: number })[] = [];
      for (const { name, size, content } of files) {
        // Each time from the beginning.
        await content()[Symbol.asyncIterator]().next();
        texts.push({ name, size, text: await textOf(content()) });
      }
      read.push(texts);
    };
    return { read, take };
  };
  const sent = twoFiles.map((file) => ({ ...file, size: new TextEncoder().encode(file.text).length }));

  test("hands over the files of a message, whole and in order", async () => {
    const { open, say } = await bench();
    const { read, take } = reader();
    await started(open(), take);
    await say("look", twoFiles);
    await say("no more");
    await vi.waitFor(() => expect(read).toEqual([sent, []]));
  });

  test("has the files of a message that it hands over again after a restart", async () => {
    const { open, say } = await bench();
    const first = open();
    let isAsked = false;
    await first.start(() => {
      isAsked = true;
      return Promise.reject(new Error("the disk is full"));
    });
    await say("look", twoFiles);
    await vi.waitFor(() => expect(isAsked).toBe(true));
    await first.close();
    const { read, take } = reader();
    await started(open(), take);
    await vi.waitFor(() => expect(read).toEqual([sent]));
  });

  test("shows a message with its files, once though it is sent again", async () => {
    const { open, platformId, seen } = await bench();
    const channel = await started(open(), taker().take);
    const message = to(platformId, { attachments: twoFiles.map(attachment) });
    expect(await channel.send(message)).toMatchObject({ ok: true });
    expect(await channel.send(message)).toMatchObject({ ok: true });
    expect((await seen()).map(({ files }) => files)).toEqual([twoFiles]);
  });

  test("refuses a message whose file cannot be read, shows nothing of it, and takes it later", async () => {
    const { open, platformId, seen } = await bench();
    const channel = await started(open(), taker().take);
    const [first, second] = twoFiles.map(attachment) as [Attachment, Attachment];
    const broken: Attachment = {
      ...second,
      content: () => {
        throw new Error("it was changed");
      },
    };
    const refused = await channel.send(to(platformId, { attachments: [first, broken] }));
    expect(refused).toMatchObject({ ok: false, error: { code: "refused" } });
    const short: Attachment = { ...second, size: second.size + 1 };
    expect(await channel.send(to(platformId, { attachments: [short] }))).toMatchObject({ ok: false });
    expect(await channel.send(to(platformId, { attachments: [first, second] }))).toMatchObject({ ok: true });
    expect((await seen()).map(({ files }) => files)).toEqual([twoFiles]);
  });
};

const output = (bench: MakeBench): void => {
  test("shows a message once, sent again and after a restart too", async () => {
    const { open, platformId, seen } = await bench();
    const first = open();
    await first.start(taker().take);
    expect(await first.send(to(platformId))).toMatchObject({ ok: true });
    expect(await first.send(to(platformId))).toMatchObject({ ok: true });
    await first.close();
    const second = await started(open(), taker().take);
    expect(await second.send(to(platformId))).toMatchObject({ ok: true });
    expect(await second.send(to(platformId, { id: "re-2", text: "more" }))).toMatchObject({ ok: true });
    expect((await seen()).map(({ text }) => text)).toEqual(["pong", "more"]);
  });

  test("shows a card with its options, and hands over the answer as the person's", async () => {
    const { open, platformId, userId, seen, answer } = await bench();
    const { messages, take } = taker();
    const channel = await started(open(), take);
    const options = [
      { value: "approve", label: "Approve" },
      { value: "reject", label: "Reject" },
    ];
    const card: Card = { id: "ap-1", title: "Ana asks", lines: ["ncl groups list"], options };
    await channel.send(to(platformId, { text: "Ana asks", from: null, card }));
    expect((await seen()).map((message) => message.card)).toEqual([card]);
    await answer("ap-1", "reject");
    await vi.waitFor(() => expect(messages).toHaveLength(1));
    expect(messages[0]).toMatchObject({ userId, answer: { cardId: "ap-1", option: "reject" } });
  });
};

const limits = (bench: MakeBench): void => {
  test("knows the direct chat of a person, and none of a stranger", async () => {
    const { open, platformId, userId, strangerId } = await bench();
    const channel = await started(open(), taker().take);
    expect(await channel.directChat(userId)).toEqual({ ok: true, value: platformId });
    expect(await channel.directChat(strangerId)).toMatchObject({
      ok: false,
      error: { code: "no-such-chat" },
    });
  });

  test("refuses a chat that is not there", async () => {
    const { open } = await bench();
    const channel = await started(open(), taker().take);
    expect(await channel.send(to("nowhere"))).toMatchObject({ ok: false, error: { code: "no-such-chat" } });
  });

  test("sends nothing once it is closed", async () => {
    const { open, platformId } = await bench();
    const channel = open();
    await channel.start(taker().take);
    await channel.close();
    expect(await channel.send(to(platformId))).toMatchObject({ ok: false, error: { code: "closed" } });
  });
};

/** What every channel has to do. */
export const channelContract = (name: string, bench: MakeBench): void => {
  describe(`${name}, as a channel`, () => {
    for (const cases of [intake, attachments, output, limits]) cases(bench);
  });
};
