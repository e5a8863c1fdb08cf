import { fail, ok } from "@gatehouse/std";
import { expect, test, vi } from "vitest";
import { chatMessage, fakeAgentSide, type FakeAgentSide } from "../agent-side.fixture.ts";
import type { Provider } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

type Talker = Provider & { readonly started: (string | null)[] };

/** A provider that knows only the conversation `valid`. */
const talker = (name: string, valid: string): Talker => {
  const started: (string | null)[] = [];
  return {
    name,
    started,
    start: (conversation) => {
      started.push(conversation);
      const isKnown = conversation === null || conversation === valid;
      return Promise.resolve(isKnown ? ok(null) : fail({ code: "invalid-conversation", message: "Gone." }));
    },
    stop: () => {},
    turn: ({ messages }) =>
      Promise.resolve(ok({ answers: [{ text: "yes", inReplyTo: messages[0]!.id }], conversation: valid })),
  };
};

const answerOne = async (side: FakeAgentSide, provider: Provider): Promise<void> => {
  const chats = () => side.sent.filter(({ kind }) => kind === "chat");
  const before = chats().length;
  const { loop } = loopWith({ side, provider });
  side.put(chatMessage(`m-${before}`, "hello"));
  await vi.waitFor(() => expect(chats()).toHaveLength(before + 1), { interval: 1 });
  await loop.stop();
};

test("a conversation is resumed by the next container", async () => {
  const side = fakeAgentSide();
  await answerOne(side, talker("one", "c-1"));
  const next = talker("one", "c-1");
  await answerOne(side, next);
  expect(next.started).toEqual(["c-1"]);
});

test("each provider has its own conversation, which goes on when the group changes its provider back", async () => {
  const side = fakeAgentSide();
  await answerOne(side, talker("one", "c-1"));
  const other = talker("two", "c-2");
  await answerOne(side, other);
  expect(other.started).toEqual([null]);
  expect(Object.fromEntries(side.state)).toEqual({ "continuation:one": "c-1", "continuation:two": "c-2" });
  const again = talker("one", "c-1");
  await answerOne(side, again);
  expect(again.started).toEqual(["c-1"]);
});

test("an invalid conversation is removed, and the turn runs in a new one", async () => {
  const side = fakeAgentSide();
  side.state.set("continuation:one", "lost");
  const provider = talker("one", "c-1");
  await answerOne(side, provider);
  expect(provider.started).toEqual(["lost", null]);
  expect(side.state.get("continuation:one")).toBe("c-1");
  expect(side.sent.map(({ content }) => content)).toEqual([{ report: "conversation-lost" }, { text: "yes" }]);
});

test("a provider that rejects every conversation fails, and is not asked again", async () => {
  const side = fakeAgentSide();
  const never: Provider = {
    ...talker("one", "c-1"),
    turn: () => Promise.resolve(fail({ code: "invalid-conversation", message: "Gone." })),
  };
  await answerOne(side, never);
  expect(side.texts()).toEqual(["No answer: Gone."]);
});
