import { messengerBots } from "@gatehouse/data-folder";
import { hostDatabase } from "@gatehouse/central-database/testing";
import { telegramStandin, type SeenMessage } from "@gatehouse/messengers/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { startKilledHost, type KilledHost } from "../chaos/killed-host.fixture.ts";
import { folderWithAna } from "./echo-group.fixture.ts";

const slow = { tags: ["slow"] };
const programs = inject("programs");

/** A stand-in of Telegram, and a data folder whose owner `telegram:7` has the group Ana and a bot. */
const prepared = async () => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const dataDir = await folderWithAna("telegram:7");
  await messengerBots.set(dataDir, { type: "telegram", bot: "", username: api.username, token: api.token });
  const host = async (): Promise<KilledHost> => {
    const started = startKilledHost(programs["host-child"], dataDir, hostDatabase(), {
      messengerRoots: { telegram: api.url },
    });
    onTestFinished(started.kill);
    expect({ isReady: await started.ready, bugs: started.bugs }).toEqual({ isReady: true, bugs: [] });
    return started;
  };
  const ofBot = (): readonly SeenMessage[] => api.seen().filter(({ from }) => from.is_bot);
  const shown = (): readonly (string | undefined)[] => ofBot().map(({ plain }) => plain);
  return { api, dataDir, host, ofBot, shown };
};

const within = { timeout: 100_000 };

test(
  "a message from Telegram is answered there once, though the host is killed in between",
  slow,
  async () => {
    const { api, host, shown } = await prepared();
    const first = await host();
    api.say({ text: "hello" });
    await vi.waitFor(() => expect(shown()).toEqual(["hello"]), within);
    first.kill();
    await first.ended;
    api.say({ text: "again" });
    await host();
    await vi.waitFor(() => expect(shown()).toEqual(["hello", "again"]), within);
  },
);

test("a bot that is added while the host runs is received without a restart", slow, async () => {
  const { api, dataDir, host, shown } = await prepared();
  const bot = { type: "telegram", bot: "" };
  await messengerBots.remove(dataDir, bot);
  await host();
  expect(api.calls("getUpdates")).toEqual([]);
  await messengerBots.set(dataDir, { ...bot, username: api.username, token: api.token });
  api.say({ text: "hello" });
  await vi.waitFor(() => expect(shown()).toEqual(["hello"]), within);
});

test("a tool's card is answered by a button, and then shows its outcome without buttons", slow, async () => {
  const { api, host, ofBot, shown } = await prepared();
  await host();
  api.say({ text: '/tool Bash {"command":"ls"}' });
  const buttons = () => ofBot().flatMap(({ reply_markup: markup }) => markup?.inline_keyboard?.flat() ?? []);
  await vi.waitFor(() => expect(buttons()[0]?.text).toBe("Allow once"), within);
  const [card] = ofBot();
  api.press({ message: card?.message_id ?? 0, data: buttons()[0]?.callback_data ?? "" });
  await vi.waitFor(() => expect(buttons()).toEqual([]), within);
  expect(shown()[0]).toMatch(
    /^Gatehouse\nMay Ana use Bash\?[^]*Gatehouse: Approved by telegram:7: .* \(ap-\S+\)\.$/,
  );
  await vi.waitFor(() => expect(shown()).toHaveLength(2), within);
});

describe("a stranger on Telegram waits for an owner's button", () => {
  /** A host whose owner has written once, so that cards reach their chat. */
  const asking = async () => {
    const { api, host, ofBot, shown } = await prepared();
    const first = await host();
    api.say({ text: "hello" });
    await vi.waitFor(() => expect(shown()).toEqual(["hello"]), within);
    /** The open card with these words. */
    const cardOf = (words: RegExp): SeenMessage => {
      const open = ofBot().find(
        ({ plain, reply_markup: markup }) => words.test(plain ?? "") && markup !== undefined,
      );
      return open ?? expect.fail(`no card: ${shown().join("\n")}`);
    };
    /** Waits for the open card with these words, and presses its button. */
    const answer = async (words: RegExp, label: string): Promise<void> => {
      const card = await vi.waitFor(() => cardOf(words), within);
      const button = card.reply_markup?.inline_keyboard?.flat().find(({ text }) => text === label);
      api.press({ message: card.message_id, data: button?.callback_data ?? "" });
    };
    const answers = (chat: number) =>
      api.seen(chat).flatMap(({ from, plain }) => (from.is_bot ? [plain] : []));
    return { api, first, host, cardOf, answer, answers };
  };

  const waits = expect.stringMatching(/^Gatehouse: No agent answers in this chat yet\. /) as unknown;

  test(
    "in a direct chat: told once that they wait; approved, they write on; rejected, nothing is answered",
    slow,
    async () => {
      const { api, answer, answers } = await asking();
      api.say({ text: "/start", chat: 8, name: "Eve" });
      await answer(/May Ana answer in a chat\?[^]*"Eve" \(telegram:8\)[^]*> \/start/, "Approve");
      await vi.waitFor(() => expect(answers(8)).toEqual([waits, "/start"]), within);
      api.say({ text: "and on", chat: 8 });
      await vi.waitFor(() => expect(answers(8)).toEqual([waits, "/start", "and on"]), within);
      api.say({ text: "me too", chat: 9 });
      await answer(/telegram:9[^]*> me too/, "Reject");
      api.say({ text: "please", chat: 9 });
      api.say({ text: "last", chat: 8 });
      await vi.waitFor(() => expect(answers(8)).toContain("last"), within);
      expect(answers(9)).toEqual([waits]);
    },
  );

  test(
    "over a kill of the host, with what follows, and a file that is fetched after the approval",
    slow,
    async () => {
      const { api, first, host, cardOf, answer, answers } = await asking();
      api.say({ text: "see", chat: 8, name: "Eve", files: [{ name: "a.txt", text: "one" }] });
      await vi.waitFor(() => cardOf(/> see/), within);
      await vi.waitFor(() => expect(answers(8)).toEqual([waits]), within);
      api.say({ text: "and this", chat: 8, name: "Eve" });
      await vi.waitFor(() => expect(api.pending()).toEqual([]), within);
      first.kill();
      await first.ended;
      await host();
      expect(api.calls("download")).toEqual([]);
      await answer(/> see\n> \[file a\.txt, 3 bytes\]/, "Approve");
      await vi.waitFor(() => expect(answers(8)).toHaveLength(3), within);
      expect(answers(8).map((text) => text?.split("\n")[0])).toEqual([waits, "see", "and this"]);
      expect(api.calls("download")).toHaveLength(1);
    },
  );

  test("in a group: approved, they write on; rejected, nothing is answered", slow, async () => {
    const { api, answer, answers } = await asking();
    const room = -100;
    const say = (text: string, from: number) => api.say({ text: `@gate_bot ${text}`, chat: room, from });
    say("here", 7);
    await answer(/May Ana answer in a chat\?/, "Approve");
    await vi.waitFor(() => expect(answers(room)).toEqual([waits, "@gate_bot here"]), within);
    say("I am Eve", 8);
    await answer(/May telegram:8 write to Ana\?/, "Approve");
    await vi.waitFor(() => expect(answers(room)).toContain("@gate_bot I am Eve"), within);
    say("I am Bob", 9);
    await answer(/May telegram:9 write to Ana\?/, "Reject");
    say("please", 9);
    say("last", 8);
    await vi.waitFor(() => expect(answers(room).at(-1)).toBe("@gate_bot last"), within);
    expect(answers(room).filter((text) => /Bob|please/.test(text ?? ""))).toEqual([]);
  });
});
