import { ok } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { chatMessage } from "../agent-side.fixture.ts";
import type { OwnTurn, Provider } from "../provider.ts";
import { loopWith } from "./loop.fixture.ts";

/** A provider that begins turns by itself, and answers each prompt when the test says so. */
const restless = () => {
  let report: (turn: OwnTurn) => void = () => {};
  let answer = (): void => {};
  const calls: string[] = [];
  const state = { isInOwnTurn: false };
  const provider: Provider = {
    name: "restless",
    stop: () => {},
    start: () => Promise.resolve(ok(null)),
    turn: ({ messages }) =>
      new Promise((resolve) => {
        const [{ id = null } = {}] = messages;
        answer = () => resolve(ok({ answers: [{ text: "answer", inReplyTo: id }], conversation: null }));
      }),
    ownTurns: {
      listen: (listener) => void (report = listener),
      end: () => void calls.push("end"),
      interrupt: () => {
        calls.push("interrupt");
        return state.isInOwnTurn;
      },
    },
  };
  const ends = (id: string): void => report({ id, text: `own ${id}`, hasFailed: false });
  return { ...loopWith({ provider }), state, calls, ends, answer: () => answer() };
};

const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

describe("a turn that the provider began by itself", () => {
  test("becomes a message of its own, without an acknowledgement", async () => {
    const { side, ends } = restless();
    ends("msg_1");
    await until(() => expect(side.texts()).toEqual(["own msg_1"]));
    expect(side.sent[0]?.inReplyTo).toBeNull();
    expect([...side.statuses]).toEqual([]);
  });

  test("is not taken for the answer of a message in work", async () => {
    const { side, ends, answer } = restless();
    side.put(chatMessage("m-1", "hello"));
    await until(() => expect(side.commits).toEqual(["processing m-1"]));
    ends("msg_1");
    await until(() => expect(side.texts()).toEqual(["own msg_1"]));
    expect(side.statuses.get("m-1")?.status).toBe("processing");
    answer();
    await until(() => expect(side.texts()).toEqual(["own msg_1", "answer"]));
  });

  test.each([
    { order: "/stop", isInOwnTurn: true, says: "Stopped.", calls: ["interrupt"] },
    { order: "/stop", isInOwnTurn: false, says: "Nothing was running.", calls: ["interrupt"] },
    { order: "/clear", isInOwnTurn: true, says: "A new conversation begins.", calls: ["interrupt", "end"] },
  ])(
    "is interrupted by $order if one is running ($isInOwnTurn)",
    async ({ order, isInOwnTurn, says, calls }) => {
      const fixture = restless();
      fixture.state.isInOwnTurn = isInOwnTurn;
      fixture.side.put(chatMessage("m-1", order));
      await until(() => expect(fixture.side.texts()[0]).toContain(says));
      expect(fixture.calls).toEqual(calls);
    },
  );

  test("is not sent by a stopped runner, which leaves it to the transcript", async () => {
    const { side, loop, ends } = restless();
    await loop.stop();
    ends("msg_1");
    expect(side.texts()).toEqual([]);
  });
});
