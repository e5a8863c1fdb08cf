import { fail, ok } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { chatMessage, fakeAgentSide } from "../agent-side.fixture.ts";
import { limits } from "../limits.ts";
import type { Answer, Prompt, Provider, TurnTools } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

const isTrue = (check: () => boolean): Promise<unknown> =>
  vi.waitFor(() => expect(check()).toBe(true), { interval: 1 });

/** A provider whose turns the test ends. */
const controlled = (
  options: { readonly conversation?: string } = {},
): Provider & {
  readonly prompts: Prompt[];
  readonly started: (string | null)[];
  readonly tools: TurnTools[];
  answer: (...answers: readonly Answer[]) => void;
} => {
  const all = {
    name: "held",
    prompts: [] as Prompt[],
    started: [] as (string | null)[],
    tools: [] as TurnTools[],
    stop: () => {},
    answer: (() => {}) as (...answers: readonly Answer[]) => void,
    start: (conversation: string | null) => {
      all.started.push(conversation);
      return Promise.resolve(ok(null));
    },
    turn: ((prompt, tools) => {
      all.prompts.push(prompt);
      all.tools.push(tools);
      return new Promise((resolve) => {
        all.answer = (...answers) => resolve(ok({ answers, conversation: options.conversation ?? null }));
      });
    }) satisfies Provider["turn"] as Provider["turn"],
  };
  return all;
};

const idsOf = (prompt: Prompt | undefined): readonly string[] | undefined =>
  prompt?.messages.map(({ id }) => id);

describe("a message", () => {
  test("is claimed, answered and acknowledged: the answer and its acknowledgement in one commit", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => side.sent.length === 1);
    expect(side.commits).toEqual(["processing m-1", "completed m-1 + re-m-1"]);
    expect(side.sent[0]).toMatchObject({ id: "re-m-1", inReplyTo: "m-1", content: { text: "hello" } });
    expect(side.sent[0]).toMatchObject({ channelType: "local", platformId: "ana", threadId: null });
  });

  test("is answered by the loop's first poll if it came before the start, after a wake message", async () => {
    const side = fakeAgentSide();
    side.put(chatMessage("m-1", "hello"), chatMessage("w-1", "welcome back", { onWake: true }));
    loopWith({ side });
    await isTrue(() => side.sent.length === 2);
    expect(side.commits[0]).toBe("processing w-1 + processing m-1");
    expect(side.texts()).toEqual(["welcome back", "hello"]);
  });

  test("waits for the next container if it is a wake message that comes after the first poll", async () => {
    const { side } = loopWith({});
    await isTrue(() => side.polls.length === 1);
    side.put(chatMessage("w-1", "welcome back", { onWake: true }), chatMessage("m-1", "hello"));
    await isTrue(() => side.sent.length === 1);
    expect(side.statuses.has("w-1")).toBe(false);
    expect(side.polls.map(({ isFirst }) => isFirst)).toEqual([true, ...side.polls.slice(1).map(() => false)]);
  });

  test("is found by the slow poll when it becomes due, without a signal", async () => {
    const { side, clock } = loopWith({});
    side.put(chatMessage("m-1", "later", { processAfter: "2026-01-01T00:00:05.000Z" }));
    await isTrue(() => side.polls.length >= 2);
    expect(side.sent).toEqual([]);
    clock.advance(limits.pollMs);
    await isTrue(() => side.sent.length === 1);
  });
});

describe("a message that the host has claimed as it wrote it", () => {
  /** An agent without work that has made its offer. */
  const offering = async () => {
    const side = fakeAgentSide({ takesOffers: true });
    const provider = controlled();
    loopWith({ side, provider });
    await isTrue(() => side.offers.length === 1);
    return { side, provider };
  };

  test("is answered without a claim, under the id of the agent's offer, and the next one has another", async () => {
    const { side, provider } = await offering();
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    provider.answer({ text: "hi", inReplyTo: "m-1" });
    // A poll during the turn has no offer, and the first offer is used.
    await isTrue(() => ![null, provider.prompts[0]?.batch].includes(side.offers.at(-1)));
    side.put(chatMessage("m-2", "and?"));
    await isTrue(() => provider.prompts.length === 2);
    expect(side.commits).toEqual(["completed m-1 + re-m-1"]);
    expect(provider.prompts.map(({ batch }) => side.offers.includes(batch))).toEqual([true, true]);
    expect(new Set(provider.prompts.map(({ batch }) => batch)).size).toBe(2);
  });

  test("is carried out if it is an order", async () => {
    const { side } = await offering();
    side.put(chatMessage("m-1", "/stop"));
    await isTrue(() => side.sent.length === 1);
    expect(side.commits).toEqual(["completed m-1 + re-m-1"]);
  });

  test("is offered only while no turn runs", async () => {
    const { side, provider } = await offering();
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    side.put(chatMessage("m-2", "and?"));
    await isTrue(() => side.waiting.length === 1);
    expect(side.offers.at(-1)).toBeNull();
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(side.commits).toEqual(["completed m-1", "processing m-2"]);
  });
});

describe("a batch", () => {
  test("has as many messages as container.json says, the oldest first", async () => {
    const side = fakeAgentSide();
    side.put(...["a", "b", "c", "d", "e"].map((id) => chatMessage(id, `text ${id}`)));
    const provider = controlled();
    loopWith({ side, provider, maxMessages: 3 });
    await isTrue(() => provider.prompts.length === 1);
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(provider.prompts.map(idsOf)).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
  });

  test("contains context in its place, and context alone starts no turn", async () => {
    const provider = controlled();
    const { side } = loopWith({ provider });
    side.put(chatMessage("c-1", "psst", { trigger: false }));
    await isTrue(() => side.polls.length >= 2);
    expect(provider.prompts).toEqual([]);
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    expect(idsOf(provider.prompts[0])).toEqual(["c-1", "m-1"]);
  });
});

describe("a turn that fails", () => {
  test("is reported to each sender, its messages fail with the reason, and the loop goes on", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/fail no more credit"));
    await isTrue(() => side.sent.length === 1);
    expect(side.statuses.get("m-1")).toEqual({ id: "m-1", status: "failed", reason: "no more credit" });
    expect(side.texts()).toEqual(["No answer: no more credit"]);
    expect(side.commits.at(-1)).toBe("failed m-1 + failed-m-1");
    expect(side.sent[0]).toMatchObject({ inReplyTo: "m-1", content: { failed: true } });
    side.put(chatMessage("m-2", "hello"));
    await isTrue(() => side.sent.length === 2);
    expect(side.texts()[1]).toBe("hello");
  });

  test("reports only the beginning of a long reason", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", `/fail ${"x".repeat(300_000)}`));
    await isTrue(() => side.sent.length === 1);
    expect(side.statuses.get("m-1")?.reason).toBe("x".repeat(limits.reasonCharacters));
  });

  test("is reported in the provider's words at a limit of the provider, and not tried again", async () => {
    let turns = 0;
    const provider: Provider = {
      name: "spent",
      start: () => Promise.resolve(ok(null)),
      stop: () => {},
      turn: () => {
        turns += 1;
        return Promise.resolve(fail({ code: "failed", message: "Your limit is reached until 3 pm." }));
      },
    };
    const { side, clock } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"), chatMessage("m-2", "again"));
    await isTrue(() => side.sent.length === 2);
    const polls = side.polls.length;
    await isTrue(() => {
      clock.advance(limits.pollMs);
      return side.polls.length > polls + 3;
    });
    expect(turns).toBe(1);
    expect(side.texts()).toEqual(Array(2).fill("No answer: Your limit is reached until 3 pm."));
  });

  test("is tried again if the provider is unavailable, and fails after the last attempt", async () => {
    let tries = 0;
    const provider: Provider = {
      name: "away",
      start: () => Promise.resolve(ok(null)),
      stop: () => {},
      turn: () => {
        tries += 1;
        return Promise.resolve(fail({ code: "unavailable", message: "It is overloaded." }));
      },
    };
    const { side, clock } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => tries === 1);
    clock.advance(limits.attemptPauseMs - 1);
    expect(tries).toBe(1);
    await isTrue(() => {
      clock.advance(limits.attemptPauseMs);
      return side.sent.length === 1;
    });
    expect(side.statuses.get("m-1")?.reason).toBe("It is overloaded.");
    expect(tries).toBe(limits.turnAttempts);
  });
});

describe("messages that arrive during a turn", () => {
  test("wait for the next turn", async () => {
    const provider = controlled();
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    side.put(chatMessage("m-2", "and this"));
    const polls = side.polls.length;
    await isTrue(() => side.polls.length > polls);
    expect(side.statuses.has("m-2")).toBe(false);
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(idsOf(provider.prompts[1])).toEqual(["m-2"]);
  });

  test("are answered once each by echo, after its slow turn", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/slow 50"));
    await isTrue(() => side.statuses.has("m-1"));
    side.put(chatMessage("m-2", "hello"));
    await isTrue(() => side.sent.length === 2);
    expect(side.sent.map(({ id }) => id)).toEqual(["re-m-1", "re-m-2"]);
  });
});

describe("/clear", () => {
  test("is confirmed without the provider, and no conversation is left", async () => {
    const provider = controlled({ conversation: "c-9" });
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    provider.answer();
    await isTrue(() => side.state.get("continuation:held") === "c-9");
    side.put(chatMessage("m-2", " /Clear "));
    await isTrue(() => side.sent.length === 1);
    expect(side.texts()).toEqual(["A new conversation begins."]);
    expect(side.state.has("continuation:held")).toBe(false);
    expect(provider.prompts).toHaveLength(1);
    side.put(chatMessage("m-3", "again"));
    await isTrue(() => provider.prompts.length === 2);
    expect(provider.started).toEqual([null, null]);
  });

  test("interrupts a running turn: its message fails with that reason, and the turn's end is not awaited", async () => {
    const provider = controlled();
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    side.put(chatMessage("m-2", "/clear"));
    await isTrue(() => side.sent.length === 1);
    expect(provider.tools[0]?.signal.aborted).toBe(true);
    expect(side.commits.at(-1)).toBe("failed m-1 + completed m-2 + re-m-2");
    expect(side.statuses.get("m-1")?.reason).toBe("Interrupted by /clear.");
  });

  test("takes effect after the turn of the messages before it", async () => {
    const side = fakeAgentSide();
    side.put(chatMessage("m-1", "hello"), chatMessage("m-2", "/clear"), chatMessage("m-3", "again"));
    loopWith({ side });
    await isTrue(() => side.sent.length === 3);
    expect(side.texts()).toEqual(["hello", "A new conversation begins.", "again"]);
  });

  test("is an ordinary text if another agent writes it", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/clear", { sourceSessionId: "s-2" }));
    await isTrue(() => side.sent.length === 1);
    expect(side.texts()).toEqual(["/clear"]);
  });

  test.each(["/clearly", "please /clear", "/clear all"])("is not recognised in the text %j", async (text) => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", text));
    await isTrue(() => side.sent.length === 1);
    expect(side.texts()).toEqual([text]);
  });
});

describe("/stop", () => {
  test("interrupts a running turn with one answer to its sender, and keeps the conversation", async () => {
    const provider = controlled({ conversation: "c-9" });
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    provider.answer();
    await isTrue(() => side.state.get("continuation:held") === "c-9");
    side.put(chatMessage("m-2", "and now"));
    await isTrue(() => provider.prompts.length === 2);
    side.put(chatMessage("m-3", "/stop"));
    await isTrue(() => side.sent.length === 1);
    expect(provider.tools[1]?.signal.reason).toBe("interrupt");
    expect(side.commits.at(-1)).toBe("failed m-2 + completed m-3 + re-m-3");
    expect(side.statuses.get("m-2")?.reason).toBe("Interrupted by /stop.");
    expect(side.texts()).toEqual(["Stopped. The conversation goes on with your next message."]);
    expect(side.state.get("continuation:held")).toBe("c-9");
  });

  test.each([
    { what: "another chat", more: { platformId: "family" } },
    { what: "another channel", more: { channelType: "telegram" } },
    { what: "another thread", more: { threadId: "t-9" } },
    { what: "another agent", more: { sourceSessionId: "s-2" } },
  ])("notifies the sender of an interrupted message in $what", async ({ more }) => {
    const provider = controlled();
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello", more));
    await isTrue(() => provider.prompts.length === 1);
    side.put(chatMessage("m-2", "/stop"));
    await isTrue(() => side.sent.length === 2);
    expect(side.sent).toMatchObject([
      { id: "failed-m-1", inReplyTo: "m-1", content: { text: "Interrupted by /stop.", failed: true } },
      { id: "re-m-2", inReplyTo: "m-2" },
    ]);
  });

  test("answers that no turn is running", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/stop"));
    await isTrue(() => side.sent.length === 1);
    expect(side.texts()).toEqual(["Nothing was running."]);
  });
});

test("a container that is not the session's newest exits, and claims nothing", async () => {
  const { side, fatal } = loopWith({});
  await isTrue(() => side.polls.length === 1);
  side.startNext();
  side.put(chatMessage("m-1", "hello"));
  await isTrue(() => fatal.length > 0);
  expect(new Set(fatal)).toEqual(new Set(["fenced"]));
  expect(side.commits).toEqual([]);
});

test("the agent is told in its next turn that a destination does not exist", async () => {
  const provider = controlled();
  const { side } = loopWith({ provider });
  side.put(chatMessage("m-1", "hello"));
  await isTrue(() => provider.prompts.length === 1);
  provider.answer({ text: "to all", inReplyTo: "m-1", to: "everybody" });
  await isTrue(() => side.commits.length === 2);
  side.put(chatMessage("m-2", "and?"));
  await isTrue(() => provider.prompts.length === 2);
  expect(provider.prompts.map(({ notes }) => notes)).toEqual([
    [],
    ['Nothing was sent to "everybody": you have no destination of that name.'],
  ]);
  expect(side.sent).toEqual([]);
});

test("a declared tool ends with its turn, also with an interrupted one", async () => {
  const { side } = loopWith({});
  side.put(chatMessage("m-1", "/slow 60000"));
  await isTrue(() => side.tools.length === 1);
  side.put(chatMessage("m-2", "/clear"));
  await isTrue(() => side.sent.length === 1);
  expect(side.tools).toEqual(["slow", null]);
});

describe("a loop that stops", () => {
  test("leaves a turn claimed, claims nothing new, and does not wait for the provider", async () => {
    const provider = controlled();
    const { side, loop } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    await loop.stop();
    provider.answer({ text: "too late", inReplyTo: "m-1" });
    side.put(chatMessage("m-2", "hello?"));
    await new Promise(setImmediate);
    expect(side.statuses.get("m-1")?.status).toBe("processing");
    expect(side.commits).toEqual(["processing m-1"]);
  });

  test("exits with a fatal error if the transport fails for too long, and not if it recovers", async () => {
    const refused = { code: "unwritable", message: "It is full." } as const;
    const { side, clock, fatal } = loopWith({});
    side.failCommits(3, refused);
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => {
      clock.advance(limits.transportPauseMs);
      return side.sent.length === 1;
    });
    expect(fatal).toEqual([]);
    side.failCommits(Infinity, refused);
    side.put(chatMessage("m-2", "hello"));
    await isTrue(() => {
      clock.advance(limits.transportMs / 20);
      return fatal.length === 1;
    });
    expect(fatal).toEqual(["unwritable"]);
    expect(side.statuses.has("m-2")).toBe(false);
  });
});

test("the first heartbeat is sent at the start, and then one every 25 seconds", () => {
  const { side, clock } = loopWith({});
  expect(side.beats()).toBe(1);
  clock.advance(24_999);
  expect(side.beats()).toBe(1);
  clock.advance(50_001);
  expect(side.beats()).toBe(4);
});

describe("notices of the host", () => {
  test("while the host drains, the turn is finished and nothing new is claimed, until a host welcomes it", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/slow 50"));
    await vi.waitFor(() => expect(side.tools).toContain("slow"));
    side.notify("drain");
    expect(side.drains()).toBe(0);
    side.put(chatMessage("m-2", "later"));
    await vi.waitFor(() => expect(side.texts()).toEqual(["/slow 50"]));
    await vi.waitFor(() => expect(side.drains()).toBe(1));
    expect(side.commits.join(" ")).not.toContain("m-2");
    side.notify("resume");
    await vi.waitFor(() => expect(side.texts()).toEqual(["/slow 50", "later"]));
  });
});

describe("a message that arrives during a turn", () => {
  const busy = async () => {
    const provider = controlled();
    const fixture = loopWith({ provider });
    fixture.side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    return { ...fixture, provider };
  };

  test("is reported to wait, once", async () => {
    const { side, provider } = await busy();
    side.put(
      chatMessage("m-2", "and?"),
      chatMessage("m-3", "an agent's", { sourceSessionId: "s-2" }),
      chatMessage("m-4", "a task", { kind: "task" }),
      chatMessage("m-5", "context", { trigger: false }),
    );
    await isTrue(() => side.waiting.length > 0);
    side.put(chatMessage("m-6", "well?"));
    await isTrue(() => side.waiting.includes("m-6"));
    expect(side.waiting).toEqual(["m-2", "m-6"]);
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
  });

  test("is not worked on if its sender withdraws it", async () => {
    const { side, provider } = await busy();
    side.put(chatMessage("m-2", "and?"), chatMessage("m-3", "well?"));
    await isTrue(() => side.waiting.length === 2);
    side.withdraw("m-2");
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(provider.prompts.map(idsOf)).toEqual([["m-1"], ["m-3"]]);
  });
});

test("a message that is withdrawn between the poll and its claim is not worked on, and the others are", async () => {
  const side = fakeAgentSide();
  side.put(chatMessage("m-1", "hello"), chatMessage("m-2", "and?"));
  const { receive } = side;
  let isRead = false;
  const withdrawing = {
    ...side,
    receive: async (wanted: Parameters<typeof receive>[0]) => {
      const received = await receive(wanted);
      if (!isRead) side.withdraw("m-2");
      isRead = true;
      return received;
    },
  };
  const provider = controlled();
  loopWith({ side: withdrawing, provider });
  await isTrue(() => provider.prompts.length === 1);
  expect(provider.prompts.map(idsOf)).toEqual([["m-1"]]);
});

describe("/compact", () => {
  test("gets an answer from a provider that cannot compact", async () => {
    const { side } = loopWith({});
    side.put(chatMessage("m-1", "/compact"));
    await isTrue(() => side.sent.length === 1);
    expect(side.texts()[0]).toMatch(/^The provider echo cannot compact a conversation/);
    expect(side.commits).toEqual(["processing m-1", "completed m-1 + re-m-1"]);
  });

  test("waits for the running turn, is a turn of its own, and can be stopped", async () => {
    const provider = { ...controlled(), compacts: true as const };
    const { side } = loopWith({ provider });
    side.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    side.put(chatMessage("m-2", "/compact"), chatMessage("m-3", "and?"));
    await isTrue(() => side.waiting.includes("m-3"));
    expect(side.waiting).toEqual(["m-3"]);
    provider.prompts.splice(0);
    side.put(chatMessage("m-4", "/stop"));
    await isTrue(() => provider.prompts.length === 1);
    expect(provider.prompts).toMatchObject([{ compacts: true, messages: [{ id: "m-2" }] }]);
    side.put(chatMessage("m-5", "/stop"));
    await isTrue(() => provider.prompts.length === 2);
    expect(side.statuses.get("m-2")).toMatchObject({ status: "failed", reason: "Interrupted by /stop." });
    expect(idsOf(provider.prompts[1])).toEqual(["m-3"]);
    expect(provider.prompts[1]?.compacts).toBeUndefined();
  });
});
