import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Channel, FromPerson } from "../channel.ts";
import type { ChannelBench, MakeBench } from "./channel-bench.ts";

/** Most messages that wait for one answer. */
const most = 3;

/** A platform, and hosts that ask a person about each message that has waited for none: those that begin with `?`. */
const asking = async (bench: MakeBench) => {
  const made: ChannelBench = await bench();
  const { db } = made;
  const ask = (approval_id: string): Promise<void> =>
    addRow(db, "pending_approvals", {
      approval_id,
      kind: "sender",
      status: "pending",
      session_id: null,
      agent_group_id: null,
    });
  await ask("ap-1");
  const received: FromPerson[] = [];
  const texts: string[] = [];
  /** Opens the channel of the next host. A message with `again` is asked about a second time. */
  const open = async (): Promise<Channel> => {
    const channel = made.open();
    await channel.start(async (message) => {
      const { text, waitsFor, attachments: files = [] } = message;
      received.push(message);
      const isAsked = text.startsWith("?") && waitsFor === undefined;
      const approvalId = isAsked ? "ap-1" : text.includes("again") && waitsFor === "ap-1" ? "ap-2" : null;
      if (approvalId === null) for (const file of files) texts.push(await textOf(file.content()));
      else await db.transaction().execute((within) => channel.hold(within, message, { approvalId, most }));
    });
    onTestFinished(() => channel.close());
    return channel;
  };
  const answer = async (approvalId: string, status = "approved"): Promise<void> => {
    const question = db.updateTable("pending_approvals").set({ status });
    await question.where("approval_id", "=", approvalId).execute();
  };
  /** The messages that were handed over until now; `:ap-1` follows those that have waited for that answer. */
  const heard = (): readonly string[] =>
    received.map(({ text, waitsFor }) => (waitsFor === undefined ? text : `${text}:${waitsFor}`));
  const hears = (...expected: readonly string[]): Promise<void> =>
    vi.waitFor(() => expect(heard()).toEqual(expected));
  return { ...made, open, ask, answer, hears, received, texts };
};

const textOf = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = "";
  for await (const chunk of content) text += new TextDecoder().decode(chunk);
  return text;
};

/** The cases of a channel for messages about which a person is asked. */
export const waitsForAnswers = (bench: MakeBench): void => {
  describe("a message that waits for a person's answer", () => {
    test("lets later ones pass, and is handed over again before those after the answer, in order and once", async () => {
      const { open, say, answer, hears } = await asking(bench);
      const channel = await open();
      for (const text of ["?1", "?2", "3"]) await say(text);
      await hears("?1", "?2", "3");
      await channel.questionsAnswered();
      await say("4");
      await hears("?1", "?2", "3", "4");
      await answer("ap-1");
      await say("5");
      await hears("?1", "?2", "3", "4", "?1:ap-1", "?2:ap-1", "5");
      await channel.questionsAnswered();
      await say("6");
      await hears("?1", "?2", "3", "4", "?1:ap-1", "?2:ap-1", "5", "6");
    });

    test.for(["approved", "rejected", "expired", "failed"])(
      "is handed over again if the question is %s",
      async (status) => {
        const { open, say, answer, hears } = await asking(bench);
        const channel = await open();
        await say("?1");
        await hears("?1");
        await answer("ap-1", status);
        await channel.questionsAnswered();
        await hears("?1", "?1:ap-1");
      },
    );

    test("is handed over again if its question is gone", async () => {
      const { open, say, hears, db } = await asking(bench);
      const channel = await open();
      await say("?1");
      await hears("?1");
      await db.deleteFrom("pending_approvals").execute();
      await channel.questionsAnswered();
      await hears("?1", "?1:ap-1");
    });

    test("is handed over once by the next host if its host ended before the answer, with its files", async () => {
      const { open, say, answer, hears, texts } = await asking(bench);
      const first = await open();
      await say("?1", [{ name: "a.txt", text: "one" }]);
      await hears("?1");
      await first.close();
      await answer("ap-1");
      const second = await open();
      await hears("?1", "?1:ap-1");
      await vi.waitFor(() => expect(texts).toEqual(["one"]));
      await second.close();
      const third = await open();
      await third.questionsAnswered();
      await say("2");
      await hears("?1", "?1:ap-1", "2");
    });

    test("is not handed over by the next host while the question is open", async () => {
      const { open, say, hears } = await asking(bench);
      const first = await open();
      await say("?1");
      await hears("?1");
      await first.close();
      const second = await open();
      await second.questionsAnswered();
      await say("2");
      await hears("?1", "2");
    });

    test("may wait for a second answer", async () => {
      const { open, say, ask, answer, hears } = await asking(bench);
      await ask("ap-2");
      const channel = await open();
      for (const text of ["?1 again", "?2"]) await say(text);
      await hears("?1 again", "?2");
      await answer("ap-1");
      await channel.questionsAnswered();
      await hears("?1 again", "?2", "?1 again:ap-1", "?2:ap-1");
      await answer("ap-2");
      await channel.questionsAnswered();
      await hears("?1 again", "?2", "?1 again:ap-1", "?2:ap-1", "?1 again:ap-2");
    });

    test("is one of as many as may wait for one answer, and is held once", async () => {
      const { open, say, answer, hears, received, db } = await asking(bench);
      const channel = await open();
      for (const text of ["?1", "?2", "?3", "4"]) await say(text);
      await hears("?1", "?2", "?3", "4");
      const hold = (index: number) => {
        const { id = "", userId = "" } = received[index] ?? {};
        return channel.hold(db, { id, userId }, { approvalId: "ap-1", most });
      };
      expect(await hold(2)).toBe("held");
      expect(await hold(3)).toBe("full");
      expect(await channel.claim(db, received[0]?.id ?? "")).toBe(true);
      expect(await hold(0)).toBe("claimed");
      expect(await hold(3)).toBe("claimed");
      await answer("ap-1");
      await channel.questionsAnswered();
      await hears("?1", "?2", "?3", "4", "?2:ap-1", "?3:ap-1");
    });

    test("is followed by its edits", async ({ skip }) => {
      const { open, say, edit, answer, hears, received } = await asking(bench);
      if (edit === null) return skip("people cannot change a message here");
      const channel = await open();
      const id = await say("?1");
      await hears("?1");
      edit(id, "?1, changed");
      await hears("?1", "?1, changed");
      await answer("ap-1");
      await channel.questionsAnswered();
      await hears("?1", "?1, changed", "?1:ap-1", "?1, changed:ap-1");
      expect(received.map(({ edits }) => edits)).toEqual([undefined, id, undefined, id]);
    });
  });
};
