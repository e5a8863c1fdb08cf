import { fail, ok } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { chatMessage, fakeEnd } from "../agent-end.fixture.ts";
import { limits } from "../limits.ts";
import type { Answer, Prompt, Provider, TurnTools } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

const isTrue = (look: () => boolean): Promise<unknown> =>
  vi.waitFor(() => expect(look()).toBe(true), { interval: 1 });

/** A provider whose turns end when the test says so. */
const held = (
  options: { readonly takes?: boolean; readonly conversation?: string } = {},
): Provider & {
  readonly prompts: Prompt[];
  readonly started: (string | null)[];
  readonly joined: string[];
  readonly tools: TurnTools[];
  answer: (...answers: readonly Answer[]) => void;
} => {
  const all = {
    name: "held",
    prompts: [] as Prompt[],
    started: [] as (string | null)[],
    joined: [] as string[],
    tools: [] as TurnTools[],
    answer: (() => {}) as (...answers: readonly Answer[]) => void,
    start: (conversation: string | null) => {
      all.started.push(conversation);
      return Promise.resolve(ok(null));
    },
    turn: ((prompt, tools) => {
      all.prompts.push(prompt);
      all.tools.push(tools);
      if (options.takes === true)
        tools.onFollowUp((messages) => {
          all.joined.push(...messages.map(({ id }) => id));
          return true;
        });
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
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => end.sent.length === 1);
    expect(end.commits).toEqual(["processing m-1", "completed m-1 + re-m-1"]);
    expect(end.sent[0]).toMatchObject({ id: "re-m-1", inReplyTo: "m-1", content: { text: "hello" } });
    expect(end.sent[0]).toMatchObject({ channelType: "local", platformId: "ana", threadId: null });
  });

  test("that came before the loop is answered by its first poll, a wake message in front (case 35, seed on_wake 4)", async () => {
    const end = fakeEnd();
    end.put(chatMessage("m-1", "hello"), chatMessage("w-1", "welcome back", { onWake: true }));
    loopWith({ end });
    await isTrue(() => end.sent.length === 2);
    expect(end.commits[0]).toBe("processing w-1 + processing m-1");
    expect(end.texts()).toEqual(["welcome back", "hello"]);
  });

  test("of wake that comes later is left to the next container (case 35, seed on_wake 5)", async () => {
    const { end } = loopWith({});
    await isTrue(() => end.polls.length === 1);
    end.put(chatMessage("w-1", "welcome back", { onWake: true }), chatMessage("m-1", "hello"));
    await isTrue(() => end.sent.length === 1);
    expect(end.statuses.has("w-1")).toBe(false);
    expect(end.polls.map(({ isFirst }) => isFirst)).toEqual([true, ...end.polls.slice(1).map(() => false)]);
  });

  test("that is due later is found by the slow poll, without a change", async () => {
    const { end, clock } = loopWith({});
    end.put(chatMessage("m-1", "later", { processAfter: "2026-01-01T00:00:05.000Z" }));
    await isTrue(() => end.polls.length >= 2);
    expect(end.sent).toEqual([]);
    clock.advance(limits.pollMs);
    await isTrue(() => end.sent.length === 1);
  });
});

describe("a batch", () => {
  test("has as many messages as container.json says, the oldest first (case 41)", async () => {
    const end = fakeEnd();
    end.put(...["a", "b", "c", "d", "e"].map((id) => chatMessage(id, `text ${id}`)));
    const provider = held();
    loopWith({ end, provider, maxMessages: 3 });
    await isTrue(() => provider.prompts.length === 1);
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(provider.prompts.map(idsOf)).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
  });

  test("with context: it rides along in its place, and context alone starts no turn (case 37)", async () => {
    const provider = held();
    const { end } = loopWith({ provider });
    end.put(chatMessage("c-1", "psst", { trigger: false }));
    await isTrue(() => end.polls.length >= 2);
    expect(provider.prompts).toEqual([]);
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    expect(idsOf(provider.prompts[0])).toEqual(["c-1", "m-1"]);
  });
});

describe("a turn that fails", () => {
  test("is told to each sender, its messages have failed with the reason, and the loop lives (case 44)", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "/fail no more credit"));
    await isTrue(() => end.sent.length === 1);
    expect(end.statuses.get("m-1")).toEqual({ id: "m-1", status: "failed", reason: "no more credit" });
    expect(end.texts()).toEqual(["The agent failed: no more credit"]);
    expect(end.commits.at(-1)).toBe("failed m-1 + failed-m-1");
    expect(end.sent[0]).toMatchObject({ inReplyTo: "m-1", content: { failed: true } });
    end.put(chatMessage("m-2", "hello"));
    await isTrue(() => end.sent.length === 2);
    expect(end.texts()[1]).toBe("hello");
  });

  test("with a long reason is told its beginning", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", `/fail ${"x".repeat(300_000)}`));
    await isTrue(() => end.sent.length === 1);
    expect(end.statuses.get("m-1")?.reason).toBe("x".repeat(limits.reasonCharacters));
  });

  test("at a limit of the provider is told as it says so, and not tried again (case 47)", async () => {
    let turns = 0;
    const provider: Provider = {
      name: "spent",
      start: () => Promise.resolve(ok(null)),
      turn: () => {
        turns += 1;
        return Promise.resolve(fail({ code: "failed", message: "Your limit is reached until 3 pm." }));
      },
    };
    const { end, clock } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"), chatMessage("m-2", "again"));
    await isTrue(() => end.sent.length === 2);
    const polls = end.polls.length;
    await isTrue(() => {
      clock.advance(limits.pollMs);
      return end.polls.length > polls + 3;
    });
    expect(turns).toBe(1);
    expect(end.texts()).toEqual(Array(2).fill("The agent failed: Your limit is reached until 3 pm."));
  });

  test("is tried again where the provider is unavailable, and failed after the last try", async () => {
    let tries = 0;
    const provider: Provider = {
      name: "away",
      start: () => Promise.resolve(ok(null)),
      turn: () => {
        tries += 1;
        return Promise.resolve(fail({ code: "unavailable", message: "It is overloaded." }));
      },
    };
    const { end, clock } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => tries === 1);
    clock.advance(limits.attemptPauseMs - 1);
    expect(tries).toBe(1);
    await isTrue(() => {
      clock.advance(limits.attemptPauseMs);
      return end.sent.length === 1;
    });
    expect(end.statuses.get("m-1")?.reason).toBe("It is overloaded.");
    expect(tries).toBe(limits.turnAttempts);
  });
});

describe("messages while a turn runs", () => {
  test("reach that turn; context alone does not (case 43, F25)", async () => {
    const provider = held({ takes: true });
    const { end } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    end.put(chatMessage("c-1", "psst", { trigger: false }));
    const polls = end.polls.length;
    await isTrue(() => end.polls.length > polls);
    expect(provider.joined).toEqual([]);
    end.put(chatMessage("m-2", "and this"));
    await isTrue(() => provider.joined.length === 2);
    expect(provider.joined).toEqual(["c-1", "m-2"]);
    provider.answer({ text: "both", inReplyTo: "m-2" });
    await isTrue(() => end.sent.length === 1);
    expect(end.commits.at(-1)).toBe("completed m-1 + completed c-1 + completed m-2 + re-m-2");
  });

  test("wait for the next one where the provider takes none", async () => {
    const provider = held();
    const { end } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    end.put(chatMessage("m-2", "and this"));
    const polls = end.polls.length;
    await isTrue(() => end.polls.length > polls);
    expect(end.statuses.has("m-2")).toBe(false);
    provider.answer();
    await isTrue(() => provider.prompts.length === 2);
    expect(idsOf(provider.prompts[1])).toEqual(["m-2"]);
  });

  test("are answered once each by echo, whose slow turn they join", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "/slow 50"));
    await isTrue(() => end.statuses.has("m-1"));
    end.put(chatMessage("m-2", "hello"));
    await isTrue(() => end.sent.length === 2);
    expect(end.sent.map(({ id }) => id)).toEqual(["re-m-1", "re-m-2"]);
  });
});

describe("/clear", () => {
  test("is confirmed without the provider, and no conversation is left (case 46)", async () => {
    const provider = held({ conversation: "c-9" });
    const { end } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    provider.answer();
    await isTrue(() => end.state.get("continuation:held") === "c-9");
    end.put(chatMessage("m-2", " /Clear "));
    await isTrue(() => end.sent.length === 1);
    expect(end.texts()).toEqual(["A new conversation begins."]);
    expect(end.state.has("continuation:held")).toBe(false);
    expect(provider.prompts).toHaveLength(1);
    end.put(chatMessage("m-3", "again"));
    await isTrue(() => provider.prompts.length === 2);
    expect(provider.started).toEqual([null, null]);
  });

  test("interrupts a turn that runs: its message has failed with that reason, and its end is not waited for", async () => {
    const provider = held();
    const { end } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    end.put(chatMessage("m-2", "/clear"));
    await isTrue(() => end.sent.length === 2);
    expect(provider.tools[0]?.signal.aborted).toBe(true);
    expect(end.commits.at(-1)).toBe("failed m-1 + completed m-2 + failed-m-1 + re-m-2");
    expect(end.statuses.get("m-1")?.reason).toBe("Interrupted by /clear.");
  });

  test("that came with messages in front of it is done after their turn", async () => {
    const end = fakeEnd();
    end.put(chatMessage("m-1", "hello"), chatMessage("m-2", "/clear"), chatMessage("m-3", "again"));
    loopWith({ end });
    await isTrue(() => end.sent.length === 3);
    expect(end.texts()).toEqual(["hello", "A new conversation begins.", "again"]);
  });

  test("of another agent is a text like any other", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "/clear", { sourceSessionId: "s-2" }));
    await isTrue(() => end.sent.length === 1);
    expect(end.texts()).toEqual(["/clear"]);
  });

  test.each(["/clearly", "please /clear", "/clear all"])("is not %j", async (text) => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", text));
    await isTrue(() => end.sent.length === 1);
    expect(end.texts()).toEqual([text]);
  });
});

test("a container that is not the session's any more ends, and claims nothing", async () => {
  const { end, fatal } = loopWith({});
  await isTrue(() => end.polls.length === 1);
  end.startNext();
  end.put(chatMessage("m-1", "hello"));
  await isTrue(() => fatal.length === 1);
  expect(fatal).toEqual(["fenced"]);
  expect(end.commits).toEqual([]);
});

test("the agent is told of a destination that it does not have, in its next turn (case 51)", async () => {
  const provider = held();
  const { end } = loopWith({ provider });
  end.put(chatMessage("m-1", "hello"));
  await isTrue(() => provider.prompts.length === 1);
  provider.answer({ text: "to all", inReplyTo: "m-1", to: "everybody" });
  await isTrue(() => end.commits.length === 2);
  end.put(chatMessage("m-2", "and?"));
  await isTrue(() => provider.prompts.length === 2);
  expect(provider.prompts.map(({ notes }) => notes)).toEqual([
    [],
    ['Nothing was sent to "everybody": you have no destination of that name.'],
  ]);
  expect(end.sent).toEqual([]);
});

test("a declared tool is over when its turn is, also if that was interrupted", async () => {
  const { end } = loopWith({});
  end.put(chatMessage("m-1", "/slow 60000"));
  await isTrue(() => end.tools.length === 1);
  end.put(chatMessage("m-2", "/clear"));
  await isTrue(() => end.sent.length === 2);
  expect(end.tools).toEqual(["slow", null]);
});

describe("the runner's end", () => {
  test("leaves a turn claimed, claims nothing new, and does not wait for the provider", async () => {
    const provider = held();
    const { end, loop } = loopWith({ provider });
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => provider.prompts.length === 1);
    await loop.stop();
    provider.answer({ text: "too late", inReplyTo: "m-1" });
    end.put(chatMessage("m-2", "hello?"));
    await new Promise(setImmediate);
    expect(end.statuses.get("m-1")?.status).toBe("processing");
    expect(end.commits).toEqual(["processing m-1"]);
  });

  test("is fatal where the transport fails for longer than the time for it, and not where it recovers", async () => {
    const refused = { code: "unwritable", message: "It is full." } as const;
    const { end, clock, fatal } = loopWith({});
    end.failCommits(3, refused);
    end.put(chatMessage("m-1", "hello"));
    await isTrue(() => {
      clock.advance(limits.transportPauseMs);
      return end.sent.length === 1;
    });
    expect(fatal).toEqual([]);
    end.failCommits(Infinity, refused);
    end.put(chatMessage("m-2", "hello"));
    await isTrue(() => {
      clock.advance(limits.transportMs / 20);
      return fatal.length === 1;
    });
    expect(fatal).toEqual(["unwritable"]);
    expect(end.statuses.has("m-2")).toBe(false);
  });
});

test("the heartbeat is there from the start, and every fifteen seconds", () => {
  const { end, clock } = loopWith({});
  expect(end.beats()).toBe(1);
  clock.advance(14_999);
  expect(end.beats()).toBe(1);
  clock.advance(30_001);
  expect(end.beats()).toBe(4);
});

describe("what the host says beside its messages", () => {
  test("an interrupt ends the turn: its messages fail, and the next one is taken", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "/slow 600000"));
    await vi.waitFor(() => expect(end.tools).toEqual(["slow"]));
    end.notify("interrupt");
    await vi.waitFor(() => expect(end.statuses.get("m-1")).toMatchObject({ status: "failed" }));
    end.put(chatMessage("m-2", "hello"));
    await vi.waitFor(() => expect(end.texts()).toContain("hello"));
  });

  test("an interrupt between two turns changes nothing", async () => {
    const { end } = loopWith({});
    end.notify("interrupt");
    end.put(chatMessage("m-1", "hello"));
    await vi.waitFor(() => expect(end.texts()).toEqual(["hello"]));
  });

  test("while the host drains, the turn is ended and nothing new is claimed, until a host welcomes it", async () => {
    const { end } = loopWith({});
    end.put(chatMessage("m-1", "/slow 50"));
    await vi.waitFor(() => expect(end.tools).toContain("slow"));
    end.notify("drain");
    expect(end.drains()).toBe(0);
    end.put(chatMessage("m-2", "later"));
    await vi.waitFor(() => expect(end.texts()).toEqual(["/slow 50"]));
    await vi.waitFor(() => expect(end.drains()).toBe(1));
    expect(end.commits.join(" ")).not.toContain("m-2");
    end.notify("resume");
    await vi.waitFor(() => expect(end.texts()).toEqual(["/slow 50", "later"]));
  });
});
