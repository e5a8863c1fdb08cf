import { fail, ok } from "@gatehouse/std";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { CallError } from "../messenger.ts";
import { bySocket, type BySocketOptions, type SocketEvent, type SocketHandlers } from "./by-socket.ts";
import type { Piece } from "./missed.ts";

const lost = fail({ code: "unsent", message: "The connection is closed." } as const);
const away = fail({ code: "unknown", message: "502." } as const);

const event = (name: string, at: number, channel = "a"): SocketEvent => ({
  messageId: name,
  at: BigInt(at),
  channel,
  isInHistory: true,
});

/** A piece that is a chat, with what was said in it. */
const chat = (channel: string, read: Piece<SocketEvent>["read"]): Piece<SocketEvent> => ({
  what: `the chat ${channel}`,
  channel,
  read,
});

/** A platform with one socket after the other, and a host that receives from it. */
type MissedIn = (since: string, event: SocketEvent) => Piece<SocketEvent>;

const prepared = ({
  missed = () => [],
  missedIn = (_, { channel }) => chat(channel, () => Promise.resolve(ok({}))),
  ...options
}: Partial<BySocketOptions<SocketEvent>> & { readonly missedIn?: MissedIn } = {}) => {
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const sockets: { readonly handlers: SocketHandlers<SocketEvent>; state: "open" | "paused" | "ended" }[] =
    [];
  const logged: { readonly event: string; readonly reason: string }[] = [];
  const gapsSince: string[] = [];
  const connection = bySocket<SocketEvent>({
    title: "A platform",
    heardAt: () => Promise.resolve("2026-01-01T00:00:00.000Z"),
    log: (name, reason) => void logged.push({ event: name, reason }),
    report: (error) => expect.fail(String(error)),
    retryMs: 1,
    signal: closing.signal,
    open: (handlers) => {
      const socket: (typeof sockets)[number] = { handlers, state: "open" };
      const isResumed = sockets.at(-1)?.state === "paused";
      sockets.push(socket);
      handlers.heard();
      return Promise.resolve(
        ok({
          isOpen: () => socket.state === "open",
          isResumed,
          acknowledge: () => Promise.resolve(),
          pause: () => {
            if (socket.state === "open") socket.state = "paused";
          },
          end: () => void (socket.state = "ended"),
        }),
      );
    },
    kept: ({ messageId, channel }) =>
      Promise.resolve(ok({ updateId: null, chat: channel, messageId, content: "" })),
    ...options,
    missed: (since, only) => {
      if (only !== undefined) return [missedIn(since, only)];
      gapsSince.push(since);
      return missed(since);
    },
  });
  const poll = async (areStored: boolean, signal = closing.signal): Promise<readonly string[]> => {
    const polled = await connection.poll(areStored, signal);
    return polled.ok ? polled.value.map(({ messageId }) => messageId) : expect.fail(polled.error.message);
  };
  return {
    ...connection,
    poll,
    closing,
    logged,
    gapsSince,
    states: () => sockets.map(({ state }) => state),
    /** The platform ends the last socket, and its session. */
    cut: (): void => {
      const last = sockets.at(-1);
      if (last === undefined) return;
      last.state = "ended";
      last.handlers.closed(false);
    },
    say: (...events: readonly SocketEvent[]): void => {
      for (const one of events) sockets.at(-1)?.handlers.received(() => one, null);
    },
  };
};

/** Polls, as if all were stored, until these came. */
const receives = async ({ poll }: ReturnType<typeof prepared>, ...names: readonly string[]) => {
  const got: string[] = [];
  while (got.length < names.length) got.push(...(await poll(true)));
  expect(got).toEqual(names);
};

test.for([
  { while: "it opens", at: "open" },
  { while: "what was missed is read", at: "missed" },
  { while: "an event is completed", at: "kept" },
])("a socket is closed if its connection closes while $while", async ({ at }) => {
  const fixture = prepared({
    missed: () => {
      if (at === "open") fixture.closing.abort();
      return [
        chat("a", () => {
          if (at === "missed") fixture.closing.abort();
          return Promise.resolve(at === "missed" ? lost : ok({ events: [event("m-1", 1)] }));
        }),
      ];
    },
    kept: () => {
      fixture.closing.abort();
      return Promise.resolve(lost);
    },
  });
  expect(await fixture.poll(false)).toEqual([]);
  expect(fixture.states()).toEqual(["ended"]);
});

describe("a chat that a platform never hands over", () => {
  test("delays no other chat, is read again, and is named until it is read", async () => {
    let answer: Awaited<ReturnType<Piece<SocketEvent>["read"]>> = away;
    let tries = 0;
    const fixture = prepared({
      missed: () => [
        chat("a", () => Promise.resolve(((tries += 1), answer))),
        chat("b", () => Promise.resolve(ok({ events: [event("b-1", 1, "b")] }))),
      ],
    });
    await receives(fixture, "b-1");
    fixture.say(event("b-2", 3, "b"));
    await receives(fixture, "b-2");
    expect(fixture.state()).toEqual({
      heardAt: "2026-01-01T00:00:00.000Z",
      trouble:
        "A platform does not hand over what was said in the chat a since 2026-01-01T00:00:00.000Z. 502.",
    });
    const before = tries;
    answer = ok({ events: [event("a-1", 2)] });
    await receives(fixture, "a-1");
    expect(tries).toBe(before + 1);
    expect(fixture.state().trouble).toBeNull();
    expect(fixture.state().heardAt).not.toBe("2026-01-01T00:00:00.000Z");
  });

  test("is given up after a day, which the log says", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const fixture = prepared({ missed: () => [chat("a", () => Promise.resolve(away))] });
    await fixture.poll(false);
    for (let hours = 0; hours < 25; hours += 1) {
      const polled = fixture.poll(true);
      await vi.advanceTimersByTimeAsync(3_600_000);
      await polled;
    }
    expect(fixture.logged).toEqual([
      {
        event: "messenger-left-out",
        reason: expect.stringMatching(/said in the chat a since .*It is not asked again\.$/) as string,
      },
    ]);
    expect(fixture.state().trouble).toBeNull();
  });

  test("is one of a few: while none answers, the platform is away, and what is said later waits", async () => {
    let asked = 0;
    let answer: ReturnType<typeof ok<{ events: SocketEvent[] }>> | typeof away = away;
    const fixture = prepared({
      missed: () =>
        Array.from({ length: 50 }, (_, at) =>
          chat(`c${at}`, () => {
            asked += 1;
            return Promise.resolve(at === 49 ? answer : answer.ok ? ok({}) : answer);
          }),
        ),
    });
    expect(await fixture.poll(false)).toEqual([]);
    expect(asked).toBe(3);
    fixture.say(event("late", 2, "c49"));
    answer = ok({ events: [event("early", 1, "c49")] });
    await receives(fixture, "early", "late");
  });
});

describe("a later message of a chat is received after an earlier one", () => {
  test("that an ended socket has told, while something else that was missed is not read yet", async () => {
    let answer: Awaited<ReturnType<Piece<SocketEvent>["read"]>> = away;
    const said = [event("a-1", 1), event("a-2", 2)];
    const fixture = prepared({
      missed: () => {
        // The second time, both are in the history.
        const events = fixture.gapsSince.length > 1 ? said : [];
        return [chat("b", () => Promise.resolve(answer)), chat("a", () => Promise.resolve(ok({ events })))];
      },
      retryMs: 50,
    });
    expect(await fixture.poll(false)).toEqual([]);
    fixture.say(...said.slice(0, 1));
    fixture.cut();
    await receives(fixture, "a-1", "a-2");
    answer = ok({ events: [event("b-1", 3, "b")] });
    await receives(fixture, "b-1");
  });

  test("that is on a page which a socket has told in part", async () => {
    let second: Awaited<ReturnType<Piece<SocketEvent>["read"]>> = away;
    const page = ok({
      events: [event("a-1", 1), event("a-2", 2), event("a-3", 3)],
      more: [chat("a", () => Promise.resolve(second))],
    });
    const fixture = prepared({
      missed: () => {
        fixture.say(event("a-2", 2));
        return [chat("a", () => Promise.resolve(page))];
      },
    });
    await receives(fixture, "a-1", "a-2", "a-3");
    second = ok({});
  });

  test("that the platform does not hand over yet, however often it is asked; other chats go on", async () => {
    let answer: Awaited<ReturnType<Piece<SocketEvent>["read"]>> = away;
    let tries = 0;
    const fixture = prepared({ missed: () => [chat("a", () => Promise.resolve(((tries += 1), answer)))] });
    await fixture.poll(false);
    fixture.say(event("a-2", 2));
    while (tries < 6) expect(await fixture.poll(true)).toEqual([]);
    fixture.say(event("b-1", 3, "b"));
    await receives(fixture, "b-1");
    answer = ok({ events: [event("a-1", 1), event("a-2", 2)] });
    await receives(fixture, "a-1", "a-2");
  });

  test("of which the list of chats does not tell: the chat is asked for alone", async () => {
    let tries = 0;
    const asked: string[] = [];
    const fixture = prepared({
      missed: () => [{ what: "its chats", read: () => Promise.resolve(((tries += 1), away)) }],
      missedIn: (since, { channel }) => {
        asked.push(`${channel} since ${since}`);
        return chat(channel, () => Promise.resolve(ok({ events: [event("a-1", 1), event("a-2", 2)] })));
      },
    });
    await fixture.poll(false);
    fixture.say(event("a-2", 2));
    while (tries < 3) expect(await fixture.poll(true)).toEqual([]);
    await receives(fixture, "a-1", "a-2");
    fixture.say(event("a-3", 3));
    await receives(fixture, "a-3");
    expect(asked).toEqual(["a since 2026-01-01T00:00:00.000Z"]);
  });

  test.for([
    { what: "for ten minutes", code: "unknown", tries: 9 },
    { what: "because it refuses to", code: "refused", tries: 3 },
  ] as const)("unless the platform does not hand that over $what, which the log says once", async (row) => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let tries = 0;
    const answer = fail({ code: row.code, message: "No." } as const);
    const fixture = prepared({
      missed: () => [chat("a", () => Promise.resolve(((tries += 1), answer)))],
      retryMs: 1_000,
    });
    await fixture.poll(false);
    fixture.say(event("a-1", 1), event("a-2", 2));
    const received: string[] = [];
    while (received.length === 0) {
      const polled = fixture.poll(true);
      await vi.advanceTimersByTimeAsync(20_000);
      received.push(...(await polled));
    }
    expect(received).toEqual(["a-1", "a-2"]);
    expect(tries).toBeGreaterThanOrEqual(row.tries);
    // Also what follows the next socket.
    fixture.cut();
    expect(await fixture.poll(true)).toEqual([]);
    fixture.say(event("a-3", 3));
    const polled = fixture.poll(true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await polled).toEqual(["a-3"]);
    expect(fixture.logged.filter(({ event: name }) => name !== "messenger-reopened")).toEqual([
      {
        event: "messenger-out-of-order",
        reason: expect.stringMatching(
          /said in the chat a since .*No\. What is said there meanwhile goes first\.$/,
        ) as string,
      },
    ]);
  });
});

test("a limit of a platform stops all reading of what was missed until its end", async () => {
  const limit: CallError = { code: "wait", message: "Slowly.", retryAfterMs: 300 };
  let asked: string[] = [];
  let isLimited = true;
  const piece = (channel: string, at: number): Piece<SocketEvent> =>
    chat(channel, () => {
      asked.push(channel);
      return Promise.resolve(isLimited ? fail(limit) : ok({ events: [event(`${channel}-1`, at, channel)] }));
    });
  const fixture = prepared({ missed: () => [piece("a", 1), piece("b", 2)] });
  expect(await fixture.poll(false)).toEqual([]);
  expect(fixture.state().trouble).toBeNull();
  expect(asked).toEqual(["a"]);
  isLimited = false;
  asked = [];
  fixture.say(event("a-2", 3));
  await receives(fixture, "a-1", "b-1", "a-2");
  expect(asked).toEqual(["a", "b"]);
  expect(fixture.states()).toEqual(["open"]);
});

test("a chat of which an event cannot be completed waits in its order; others go on", async () => {
  let isAway = true;
  const fixture = prepared({
    kept: ({ messageId, channel }) =>
      Promise.resolve(
        channel === "a" && isAway ? away : ok({ updateId: null, chat: channel, messageId, content: "" }),
      ),
  });
  await fixture.poll(false);
  fixture.say(event("a-1", 1), event("b-1", 2, "b"), event("a-2", 3));
  await receives(fixture, "b-1");
  expect(fixture.state().trouble).toBe(
    "A platform does not tell about the channel a, whose messages wait. 502.",
  );
  isAway = false;
  await receives(fixture, "a-1", "a-2");
  expect(fixture.state().trouble).toBeNull();
});

describe("a chat whose messages wait has a hundred of them in memory, and the rest is read from the platform after them", () => {
  const said = Array.from({ length: 150 }, (_, at) => event(`a-${at}`, at));
  const names = said.map(({ messageId }) => messageId);
  /** A platform that tells these after what was missed before: the rest of the chat since a time. */
  const withRest = (asked: string[]): MissedIn => {
    return (since, { messageId, channel }) => {
      expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
      return chat(channel, () => {
        asked.push(messageId);
        return Promise.resolve(ok({ events: said.slice(100) }));
      });
    };
  };
  const pressed: SocketEvent = { ...event("pressed", 200), isInHistory: false };

  test("while one of them cannot be completed", async () => {
    let isAway = true;
    const asked: string[] = [];
    const fixture = prepared({
      missedIn: withRest(asked),
      kept: ({ messageId, channel }) =>
        Promise.resolve(isAway ? away : ok({ updateId: null, chat: channel, messageId, content: "" })),
    });
    await fixture.poll(false);
    fixture.say(...said, pressed);
    for (let polls = 0; polls < 5; polls += 1) expect(await fixture.poll(true)).toEqual([]);
    // Nothing is read for a chat that is held.
    expect(asked).toEqual([]);
    isAway = false;
    await receives(fixture, ...names, "pressed");
    expect(asked).toEqual(["a-100"]);
  });

  test("while what was missed before is not read yet", async () => {
    let answer: Awaited<ReturnType<Piece<SocketEvent>["read"]>> = away;
    const asked: string[] = [];
    const fixture = prepared({
      missed: () => [chat("a", () => Promise.resolve(answer))],
      missedIn: withRest(asked),
    });
    await fixture.poll(false);
    fixture.say(...said, pressed);
    for (let polls = 0; polls < 5; polls += 1) expect(await fixture.poll(true)).toEqual([]);
    expect(asked).toEqual([]);
    answer = ok({});
    await receives(fixture, ...names, "pressed");
    expect(asked).toEqual(["a-100"]);
  });
});

describe("while nothing can be stored", () => {
  test("a socket that is not read is closed, and its session goes on", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const fixture = prepared();
    await fixture.poll(false);
    fixture.say(event("a-1", 1));
    expect(await fixture.poll(true)).toEqual(["a-1"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fixture.states()).toEqual(["paused"]);
    expect(await fixture.poll(false)).toEqual(["a-1"]);
    expect(fixture.states()).toEqual(["paused", "open"]);
    // The platform tells itself what was said meanwhile.
    expect(fixture.gapsSince).toHaveLength(1);
  });

  test("no more events wait than memory is for: the socket is closed until they are stored, which the log says once", async () => {
    const fixture = prepared();
    await fixture.poll(false);
    for (const at of [1, 501]) {
      fixture.say(...Array.from({ length: 500 }, (_, index) => event(`m-${at + index}`, at + index)));
      expect(await fixture.poll(false)).toHaveLength(at + 499);
    }
    await vi.waitFor(() => expect(fixture.states()).toEqual(["paused"]));
    expect(await fixture.poll(false)).toHaveLength(1_000);
    expect(fixture.states()).toEqual(["paused"]);
    expect(fixture.logged).toEqual([
      {
        event: "messenger-full",
        reason: "1000 messages of A platform wait to be stored. Its socket is closed until they are.",
      },
    ]);
    expect(await fixture.poll(true)).toEqual([]);
    expect(fixture.states()).toEqual(["paused", "open"]);
  });
});

test("more of what was missed than may wait is no reason to close the socket, while it can be stored", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const events = Array.from({ length: 1_500 }, (_, at) => event(`m-${at}`, at));
  const fixture = prepared({ missed: () => [chat("a", () => Promise.resolve(ok({ events })))] });
  expect(await fixture.poll(false)).toHaveLength(1_500);
  fixture.say(event("later", 1_500));
  await vi.advanceTimersByTimeAsync(1);
  expect(await fixture.poll(true)).toEqual(["later"]);
  expect(fixture.states()).toEqual(["open"]);
  expect(fixture.gapsSince).toHaveLength(1);
  expect(fixture.logged).toEqual([]);
});

test("a host that receives again after another one has nothing left of before: it reads what was missed since then", async () => {
  const fixture = prepared();
  await fixture.poll(false);
  fixture.say(event("given", 1));
  expect(await fixture.poll(true)).toEqual(["given"]);
  fixture.say(event("waiting", 2));
  const taken = new AbortController();
  taken.abort();
  expect(await fixture.poll(false, taken.signal)).toEqual([]);
  fixture.begin();
  expect(await fixture.poll(false)).toEqual([]);
  expect(fixture.states()).toEqual(["ended", "open"]);
  expect(fixture.gapsSince).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
});
