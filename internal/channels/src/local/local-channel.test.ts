import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { channelContract } from "../testing/channel-contract.ts";
import { chatBed, framesOf, line, messagesOf, welcomed } from "./chat.fixture.ts";

channelContract("local", async () => {
  const bed = await chatBed();
  const greeter = bed.open();
  await greeter.start(async () => {});
  await welcomed(bed, "ana", "local:bo");
  await greeter.close();
  const speaker = async (frame: object): Promise<string> => {
    const client = await welcomed(bed, "ana", "local:bo");
    const id = randomUUID();
    client.say(line({ id, ...frame }));
    await vi.waitFor(() => expect(framesOf(client, "taken")).toEqual([{ type: "taken", id }]));
    client.socket.destroy();
    return id;
  };
  return {
    open: bed.open,
    userId: "local:bo",
    platformId: "bo",
    strangerId: "local:nobody",
    say: (text) => speaker({ type: "message", text }),
    answer: async (cardId, option) => void (await speaker({ type: "answer", cardId, option })),
    seen: async () => {
      const client = await welcomed(bed, "ana", "local:bo", { bo: 0 });
      const { n } = await bed.central.db
        .selectFrom("local_messages")
        .select(({ fn }) => fn.countAll<number>().as("n"))
        .where("direction", "=", "out")
        .executeTakeFirstOrThrow();
      await vi.waitFor(() => expect(messagesOf(client)).toHaveLength(Number(n)));
      return messagesOf(client).map(({ id, text, card = null }) => ({ id, text, card }));
    },
  };
});
