import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { chatBed, messagesOf, welcomed } from "./chat.fixture.ts";

test("several agents that answer one message are all shown, each once, with their files", async () => {
  const bed = await chatBed();
  const channel = bed.open();
  await channel.start(async () => {});
  onTestFinished(() => channel.close());
  const bo = await welcomed(bed, "ana", "local:bo");
  const answer = { instance: "", threadId: null, platformId: "bo", id: "re-m", inReplyTo: "m" };
  const content = async function* () {
    yield Buffer.from("x");
  };
  const attachments = [{ name: "a.txt", size: 1, content }];
  const ids = new Set<string | null>();
  // Sent again, as after a kill.
  for (const from of ["Ana", "Ops", "Bea", "Ops", "Ana", "Bea"]) {
    const files = from === "Bea" ? { attachments } : {};
    const sent = await channel.send({ ...answer, ...files, from, text: `I am ${from}` });
    if (!sent.ok) expect.fail(sent.error.message);
    ids.add(sent.value.platformMessageId);
  }
  expect(ids.size).toBe(3);
  await vi.waitFor(() =>
    expect(messagesOf(bo).map(({ text }) => text)).toEqual(["I am Ana", "I am Ops", "I am Bea"]),
  );
  expect(messagesOf(bo).map(({ inReplyTo }) => inReplyTo)).toEqual(["m", "m", "m"]);
  expect(new Set(messagesOf(bo).map(({ id }) => id))).toEqual(ids);
  expect(existsSync(join(bed.filesDir, "out", "re-m"))).toBe(false);
});
