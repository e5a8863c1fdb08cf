import type { Card } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { slackFixture, toOwner } from "./slack.fixture.ts";

describe("a message to a chat", () => {
  test.for([
    { fault: { kind: "error", error: "channel_not_found" }, code: "no-such-chat", shown: 0 },
    { fault: { kind: "error", error: "is_archived" }, code: "refused", shown: 0 },
    { fault: { kind: "error", error: "token_revoked" }, code: "refused", shown: 0 },
    { fault: { kind: "error", error: "msg_too_long" }, code: "refused", shown: 0 },
    { fault: { kind: "error", error: "fatal_error" }, code: "uncertain", shown: 0 },
    { fault: { kind: "page" }, code: "uncertain", shown: 0 },
    { fault: { kind: "drop-before" }, code: "uncertain", shown: 0 },
    { fault: { kind: "drop-after" }, code: "uncertain", shown: 1 },
  ] as const)(
    "after $fault.kind $fault.error is $code, and is shown $shown times",
    async ({ fault, code, shown }) => {
      const { api, started } = await slackFixture();
      const { channel } = await started();
      api.fault({ method: "chat.postMessage", ...fault });
      const sent = [await channel.send(toOwner()), await channel.send(toOwner())];
      expect(sent[0]).toMatchObject({ ok: false, error: { code } });
      if (code === "uncertain") expect(sent[1]).toMatchObject({ ok: false, error: { code } });
      const [text] = api.seen().filter((one) => one.user === "UBOT");
      if (code === "uncertain") expect(text === undefined ? 0 : 1).toBe(shown);
    },
  );

  test("waits as long as Slack asks for", async () => {
    const { api, started } = await slackFixture();
    const { channel } = await started();
    api.fault({ method: "chat.postMessage", kind: "error", retryAfter: 1 });
    expect(await channel.send(toOwner())).toMatchObject({
      ok: false,
      error: { code: "not-reachable", retryAfterMs: 1000 },
    });
    await eventually(async () => expect(await channel.send(toOwner())).toMatchObject({ ok: true }));
    expect(api.seen().map(({ text }) => text)).toEqual(["pong"]);
  });

  test("of any length is cut below Slack's limit, and a block of code that is cut goes on as one", async () => {
    const { api, started } = await slackFixture();
    const { channel } = await started();
    const lines = Array.from({ length: 2_000 }, (_, at) => `line ${at}`);
    expect(await channel.send(toOwner({ text: ["```ts", ...lines, "```"].join("\n") }))).toMatchObject({
      ok: true,
    });
    const shown = api.seen().map(({ text }) => text);
    expect(shown.length).toBeGreaterThan(1);
    for (const text of shown) {
      expect(text.startsWith("```ts\n") && text.endsWith("\n```")).toBe(true);
      expect(text.length).toBeLessThanOrEqual(12_000);
    }
    expect(shown.flatMap((text) => text.split("\n").filter((line) => !line.startsWith("```")))).toEqual(
      lines,
    );
  });

  test("in a thread is an answer there, and calls nobody", async () => {
    const { api, started } = await slackFixture();
    const { channel } = await started();
    const ts = api.say({ text: "<@UBOT> hi", channel: "C5" });
    const text = "<!channel> and <@U8>: 1 < 2";
    await channel.send(toOwner({ platformId: "slack:T1:C5", threadId: ts, text }));
    expect(api.seen("C5").at(-1)).toMatchObject({ thread_ts: ts, text: "&lt;!channel> and &lt;@U8>: 1 < 2" });
  });

  test("of the host has its mark, which no agent can write", async () => {
    const { api, started } = await slackFixture();
    const { channel } = await started();
    await channel.send(toOwner({ from: null, text: "Hello." }));
    expect(api.seen().at(-1)?.text).toBe("*Gatehouse*\nHello.");
    expect(api.calls("chat.postMessage").at(-1)?.["blocks"]).toContain('"context"');
    await channel.send(toOwner({ id: "re-2", text: "*Gatehouse*" }));
    expect(api.calls("chat.postMessage").at(-1)).not.toHaveProperty("blocks");
  });
});

describe("a card", () => {
  const card: Card = {
    id: "ap-1",
    title: "Ana asks",
    lines: ["May she?", "> rm -rf", "> now"],
    options: [
      { id: "approve", label: "Approve", command: "ncl approvals approve ap-1" },
      { id: "other", label: "Other", command: "ncl approvals answer ap-1", words: "required" },
    ],
    digest: "0123456789abcdef",
  };
  const shown = async () => {
    const fixture = await slackFixture();
    const { channel, received } = await fixture.started();
    await eventually(() => expect(fixture.api.sockets()).toBe(1));
    await channel.send(toOwner({ id: "card-1", from: null, text: "Ana asks", card }));
    const ts = fixture.api.seen().at(-1)?.ts ?? "";
    return { ...fixture, channel, received, ts };
  };

  test("has its lines and a button for each option", async () => {
    const { api } = await shown();
    expect(api.seen().at(-1)).toMatchObject({
      text: "*Gatehouse*\nAna asks\nMay she?\nrm -rf\nnow\nReply in the thread of this message with words: Other",
      buttons: [
        { text: "Approve", value: "ap-1:0" },
        { text: "Other", value: "ap-1:1" },
      ],
    });
  });

  test("is answered by its button, by the person who presses it; the refusal is for them alone", async () => {
    const { api, channel, received, ts } = await shown();
    api.press({ ts, value: "ap-1:0", user: "U8" });
    await eventually(() => expect(received).toHaveLength(1));
    const [{ id, answer, userId } = {}] = received;
    expect({ userId, answer }).toEqual({
      userId: "slack:T1:U8",
      answer: { cardId: "ap-1", option: "approve", seen: card.digest },
    });
    await channel.send(toOwner({ id: "no-1", from: null, text: "You may not.", inReplyTo: id ?? null }));
    expect(api.seen().at(-1)).toMatchObject({ text: "*Gatehouse*\nYou may not.", onlyFor: "U8" });
  });

  test("asks for the words of an option that needs them; the reply in its thread is the answer", async () => {
    const { api, central, received, ts } = await shown();
    api.press({ ts, value: "ap-1:1" });
    const sends = central.db.selectFrom("messenger_sends").select("platform_message_id");
    const asked = await vi.waitFor(async () => {
      const [row] = await sends.where("message_id", "like", "ask-%").where("state", "=", "sent").execute();
      return row?.platform_message_id ?? expect.fail("nothing was asked");
    });
    expect(api.seen().at(-1)?.text).toContain("with your words: Other");
    api.say({ text: "later", thread: asked });
    await eventually(() =>
      expect(received).toMatchObject([{ answer: { cardId: "ap-1", option: "other", words: "later" } }]),
    );
  });

  test.for([
    { error: undefined, more: 0 },
    { error: "cant_update_message", more: 1 },
  ])(
    "shows its outcome in place of its buttons; where Slack says $error, +$more messages",
    async ({ error, more }) => {
      const { api, channel } = await shown();
      if (error !== undefined) api.fault({ method: "chat.update", kind: "error", error });
      const before = api.seen().length;
      await channel.send(toOwner({ id: "end-1", from: null, text: "Approved by Ana.", inReplyTo: "card-1" }));
      expect(api.seen()).toHaveLength(before + more);
      const last = api.seen().at(-1);
      expect(last?.text).toContain("Ana asks\nMay she?");
      expect(last?.text.endsWith("*Gatehouse*\nApproved by Ana.")).toBe(true);
      expect(last?.buttons).toEqual([]);
    },
  );
});

test("a file that was uploaded and not completed is sent again, and is shown once", async () => {
  const { api, started } = await slackFixture();
  const { channel } = await started();
  const bytes = new TextEncoder().encode("one");
  const content = async function* () {
    yield await Promise.resolve(bytes);
  };
  const message = toOwner({ text: "look", attachments: [{ name: "a.txt", size: bytes.length, content }] });
  api.fault({ method: "files.getUploadURLExternal", kind: "drop-after" });
  expect(await channel.send(message)).toMatchObject({ ok: false, error: { code: "not-reachable" } });
  await eventually(async () => expect(await channel.send(message)).toMatchObject({ ok: true }));
  expect(api.seen().map(({ text, file }) => file?.text ?? text)).toEqual(["look", "one"]);
});
