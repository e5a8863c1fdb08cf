import { openedCentral, temporaryFolder } from "@gatehouse/control-plane/testing";
import { expect, test } from "vitest";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { stopCarrier } from "./restart.ts";

test("a closing session takes no message after the last look at what came, and its agent writes none", async () => {
  const order: string[] = [];
  const nothing = async () => ({ ok: true, value: [] });
  let over = (): void => {};
  const ended = new Promise<void>((resolve) => (over = resolve));
  const run = {
    container: { kill: async () => void setImmediate(() => (order.push("its container has ended"), over())) },
    over: ended,
  };
  const end = {
    release: nothing,
    state: async () => (
      order.push("its agent's messages"),
      { ok: true, value: { ended: [], claims: [], due: 0, nextDueAt: null } }
    ),
    receive: nothing,
    unanswered: async () => (order.push("the messages to it"), { ok: true, value: [] }),
  };
  const session = {
    ...{ id: "se-1", groupId: "ag-1", folder: temporaryFolder(), lease: { sessionId: "se-1", token: 1 } },
    ...{ run, waking: null, isOver: false, ends: [], answered: new Set(), end },
    seal: async () => void order.push("sealed"),
  } as unknown as HeldSession;
  const context = {
    held: { get: () => session, letGo: async () => void order.push("its rows are closed") },
    central: await openedCentral(temporaryFolder()),
    ...{ channels: [], isAlone: true, log: () => undefined, now: () => "2026-11-20T08:00:00.000Z" },
    times: { graceMs: 0, retryMs: 0 },
  } as unknown as LoopContext;
  await stopCarrier(context)({ sessionIds: ["se-1"], groupId: "ag-1", reason: "r" }, "in-1");
  expect(order).toEqual([
    "its container has ended",
    "its agent's messages",
    "the messages to it",
    "sealed",
    "the messages to it",
    "its rows are closed",
  ]);
});
