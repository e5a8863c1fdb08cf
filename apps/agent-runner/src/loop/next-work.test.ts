import type { ReceivedInbound } from "@gatehouse/session-rows/messages";
import { describe, expect, test } from "vitest";
import { chatMessage } from "../agent-side.fixture.ts";
import { newOrder, nextWork, type Work } from "./next-work.ts";

const shown = (work: Work): string => {
  if (work.kind === "nothing") return "nothing";
  if (work.kind === "condition") return `${work.command} of ${work.message.id}`;
  if (work.kind === "order") return `${work.order} ${work.message.id}`;
  const ids = work.messages.map(({ id }) => id).join(" ");
  return work.compacts === true ? `compact ${ids}` : ids;
};

/**
 * `p1` a prompt, `t1` one that was tried before, `b1` and `o1` of a batch that was tried once or twice, `c1`
 * context, `w1` a wake message, `x1` a `/clear`, `n1` a `/new`, `s1` a `/stop`, `k1` a `/compact`, `l1` nearly one, `e1` a
 * message that was changed to `/clear`, `i1` a task that runs a command first, `a1` one whose command has woken the agent,
 * `f1` a person's message with the fields of such a task.
 */
const orders: Readonly<Record<string, string>> = {
  x: "/clear",
  n: "/new",
  s: "/stop",
  k: "/compact",
  l: "/compact now",
};

const message = (id: string): ReceivedInbound =>
  chatMessage(id, orders[id.slice(0, 1)] ?? id, {
    seq: Number(id.slice(1)) * 2,
    trigger: !id.startsWith("c"),
    onWake: id.startsWith("w"),
    tries: { t: 1, b: 1, o: 2 }[id.slice(0, 1)] ?? 0,
    ...(/^[bo]/.test(id) ? { batch: "uuid-1" } : {}),
    ...(/^[ia]/.test(id) ? { kind: "task" } : {}),
    ...(/^[if]/.test(id) ? { content: { text: id, condition: "test" } } : {}),
    ...(id.startsWith("a") ? { content: { text: id, condition: "test", output: "" } } : {}),
    ...(id.startsWith("e") ? { content: { text: "/clear", edits: 2 } } : {}),
  });

const messages = (ids: string): readonly ReceivedInbound[] => ids.split(" ").filter(Boolean).map(message);

describe("nextWork", () => {
  test.each([
    { received: "", work: "nothing" },
    { received: "c1 c2", work: "nothing" },
    { received: "p1 p2", work: "p1 p2" },
    { received: "p2 p4 c1 c3", work: "c1 p2 c3 p4" },
    { received: "w9 p1 c2", work: "w9 p1 c2" },
    { received: "x1 p2", work: "clear x1" },
    { received: "n1 p2", work: "clear n1" },
    { received: "s1 p2", work: "stop s1" },
    { received: "k1 p2", work: "compact k1" },
    { received: "l1 p2", work: "l1 p2" },
    { received: "e1 p2", work: "e1 p2" },
    { received: "p1 k2 p3", work: "p1" },
    { received: "p1 x2 p3", work: "p1" },
    { received: "p1 s2 p3", work: "p1" },
    { received: "t1 p2", work: "t1" },
    { received: "t1 t2", work: "t1" },
    { received: "p1 t2 p3", work: "p1" },
    { received: "b3 b1 b2", work: "b3 b1 b2" },
    { received: "b3 b1 p2", work: "b3 b1" },
    { received: "o1 o2", work: "o1" },
    { received: "p1 b2", work: "p1" },
    { received: "w9 t1 p2", work: "w9" },
    { received: "w8 w9 x1", work: "w8 w9" },
    { received: "i1 p2 c3", work: "test of i1" },
    { received: "p1 i2 p3", work: "p1" },
    { received: "w9 i1", work: "w9" },
    { received: "a1 p2 i3 c4", work: "a1 c4" },
    { received: "f1 p2", work: "f1 p2" },
  ])("turns '$received' into $work", ({ received, work }) =>
    expect(shown(nextWork(messages(received)))).toBe(work),
  );
});

describe("the batch of a turn", () => {
  test.each([
    { received: "p1 p2", batch: null },
    { received: "b1 b3", batch: "uuid-1" },
    { received: "o1 o2", batch: null },
    { received: "o1", batch: "uuid-1" },
  ])(
    "is $batch for '$received': only messages that were tried twice together are separated",
    ({ received, batch }) => expect(nextWork(messages(received))).toMatchObject({ batch }),
  );
});

describe("newOrder", () => {
  test.each([
    { received: "", order: null },
    { received: "c1", order: null },
    { received: "p1 c2", order: null },
    { received: "p1 x2", order: "clear x2" },
    { received: "p1 s2 p3", order: "stop s2" },
    { received: "k2", order: null },
    { received: "k1 s2", order: "stop s2" },
    { received: "s2 x3", seen: ["s2"], order: "clear x3" },
    { received: "p1 x2 p3", seen: ["x2"], order: null },
  ])("finds $order in '$received' if $seen existed when the turn began", ({ received, seen = [], order }) => {
    const found = newOrder(messages(received), new Set(seen));
    expect(found === null ? null : `${found.order} ${found.message.id}`).toBe(order);
  });
});
