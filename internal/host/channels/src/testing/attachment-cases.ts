import { expect, test, vi } from "vitest";
import type { Attachment, FromPerson } from "../channel.ts";
import { started, receiver, messageTo, type MakeBench, type TextFile } from "./channel-bench.ts";

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

/** The cases of a channel for files of messages. */
export const attachments = (bench: MakeBench): void => {
  incoming(bench);
  outgoing(bench);
};

const incoming = (bench: MakeBench): void => {
  /** Receives messages like a host: with the bytes of their files. */
  const reader = () => {
    const read: (readonly (TextFile & { readonly size: number })[])[] = [];
    const receive = async ({ attachments: files = [] }: FromPerson): Promise<void> => {
      const texts: (TextFile & { readonly size: number })[] = [];
      for (const { name, size, content } of files) {
        // A call has to start at the beginning each time.
        await content()[Symbol.asyncIterator]().next();
        texts.push({ name, size, text: await textOf(content()) });
      }
      read.push(texts);
    };
    return { read, receive };
  };
  const sent = twoFiles.map((file) => ({ ...file, size: new TextEncoder().encode(file.text).length }));

  test("hands over the files of a message, complete and in order", async () => {
    const { open, say } = await bench();
    const { read, receive } = reader();
    await started(open(), receive);
    await say("look", twoFiles);
    await say("no more");
    await vi.waitFor(() => expect(read).toEqual([sent, []]));
  });

  test("hands over the files again with a message that it repeats after a restart", async () => {
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
    const { read, receive } = reader();
    await started(open(), receive);
    await vi.waitFor(() => expect(read).toEqual([sent]));
  });
};

const outgoing = (bench: MakeBench): void => {
  test("shows a message with its files once, though it is sent again", async () => {
    const { open, platformId, seen } = await bench();
    const channel = await started(open(), receiver().receive);
    const message = messageTo(platformId, { attachments: twoFiles.map(attachment) });
    expect(await channel.send(message)).toMatchObject({ ok: true });
    expect(await channel.send(message)).toMatchObject({ ok: true });
    expect((await seen()).map(({ files }) => files)).toEqual([twoFiles]);
  });

  test("refuses a message whose file cannot be read, shows nothing of it, and accepts it later", async () => {
    const { open, platformId, seen } = await bench();
    const channel = await started(open(), receiver().receive);
    const [first, second] = twoFiles.map(attachment) as [Attachment, Attachment];
    const broken: Attachment = {
      ...second,
      content: () => {
        throw new Error("it was changed");
      },
    };
    const refused = await channel.send(messageTo(platformId, { attachments: [first, broken] }));
    expect(refused).toMatchObject({ ok: false, error: { code: "refused" } });
    const short: Attachment = { ...second, size: second.size + 1 };
    expect(await channel.send(messageTo(platformId, { attachments: [short] }))).toMatchObject({ ok: false });
    expect(await channel.send(messageTo(platformId, { attachments: [first, second] }))).toMatchObject({
      ok: true,
    });
    expect((await seen()).map(({ files }) => files)).toEqual([twoFiles]);
  });
};
