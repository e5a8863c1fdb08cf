import { fail, ok } from "@gatehouse/std";
import { expect, test, vi } from "vitest";
import { chatMessage, fakeEnd, type FakeEnd } from "../agent-end.fixture.ts";
import type { Provider } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

type Talker = Provider & { readonly started: (string | null)[] };

/** A provider whose conversation is `valid`, and any other is not known to it. */
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
    turn: ({ messages }) =>
      Promise.resolve(ok({ answers: [{ text: "yes", inReplyTo: messages[0]!.id }], conversation: valid })),
  };
};

const answerOne = async (end: FakeEnd, provider: Provider): Promise<void> => {
  const before = end.sent.length;
  const { loop } = loopWith({ end, provider });
  end.put(chatMessage(`m-${before}`, "hello"));
  await vi.waitFor(() => expect(end.sent).toHaveLength(before + 1), { interval: 1 });
  await loop.stop();
};

test("a conversation is resumed by the next container", async () => {
  const end = fakeEnd();
  await answerOne(end, talker("one", "c-1"));
  const next = talker("one", "c-1");
  await answerOne(end, next);
  expect(next.started).toEqual(["c-1"]);
});

test("each provider has its own: when the provider changes, the other's is untouched (case 17)", async () => {
  const end = fakeEnd();
  await answerOne(end, talker("one", "c-1"));
  const other = talker("two", "c-2");
  await answerOne(end, other);
  expect(other.started).toEqual([null]);
  expect(Object.fromEntries(end.state)).toEqual({ "continuation:one": "c-1", "continuation:two": "c-2" });
});

test("an old single one moves over once (case 17)", async () => {
  const end = fakeEnd();
  end.state.set("sdk_session_id", "old");
  const provider = talker("one", "old");
  await answerOne(end, provider);
  expect(provider.started).toEqual(["old"]);
  expect(Object.fromEntries(end.state)).toEqual({ "continuation:one": "old" });
});

test("an old single one does not replace what the provider has, and goes", async () => {
  const end = fakeEnd();
  end.state.set("sdk_session_id", "old").set("continuation:one", "c-1");
  const provider = talker("one", "c-1");
  await answerOne(end, provider);
  expect(provider.started).toEqual(["c-1"]);
  expect(end.state.has("sdk_session_id")).toBe(false);
});

test("an invalid one is cleared, and the turn is had in a new one (case 45)", async () => {
  const end = fakeEnd();
  end.state.set("continuation:one", "lost");
  const provider = talker("one", "c-1");
  await answerOne(end, provider);
  expect(provider.started).toEqual(["lost", null]);
  expect(end.state.get("continuation:one")).toBe("c-1");
  expect(end.texts()).toEqual(["yes"]);
});

test("a provider that calls every conversation invalid fails, and is not asked without end", async () => {
  const end = fakeEnd();
  const never: Provider = {
    ...talker("one", "c-1"),
    turn: () => Promise.resolve(fail({ code: "invalid-conversation", message: "Gone." })),
  };
  await answerOne(end, never);
  expect(end.texts()).toEqual(["The agent failed: Gone."]);
});
