import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { type HostSide, openHostSide, sessionSignals } from "@gatehouse/session-rows";
import { expect, test } from "vitest";
import type { LoopContext } from "../context.ts";
import { emptyOutbox } from "../delivery/outbox.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { sessionMachine, type SessionMachine } from "../lifecycle/session-machine.ts";
import { leasedState } from "../lifecycle/session-state.ts";
import { defaultTimes } from "../loop-times.ts";
import { stopHandler } from "./restart.ts";

test("the messages of a closing session are read once its agent has exited, and again once it is closed", async () => {
  const order: string[] = [];
  const run = { incarnation: 1, startedAt: 0, hasWorked: true };
  const exit = { code: 0, signal: null, lastLines: [] };
  const machine: SessionMachine = sessionMachine(
    { ...leasedState(1, 0), workload: { is: "running", run } },
    defaultTimes,
    async (effect) => {
      if (effect.do === "kill") setImmediate(() => void machine.dispatch({ type: "exited", exit }));
      if (effect.do !== "account") return;
      order.push("its container has exited");
      await machine.dispatch({ type: "accounted", at: 1, exit });
    },
  );
  const central = await openedCentral(temporaryFolder());
  const lease = { sessionId: "se-1", token: 1 };
  const side = openHostSide({ db: central.loop, signals: sessionSignals(), ...lease });
  const read: HostSide["read"] = (work) => (order.push("its messages are read"), side.read(work));
  const session = {
    id: "se-1",
    groupId: "ag-1",
    folder: temporaryFolder(),
    lease,
    ...machine,
    outbox: emptyOutbox(),
    side: { ...side, read },
  } as unknown as LeasedSession;
  const context = {
    leased: { get: () => session, release: async () => void order.push("its lease is released") },
    central,
    channels: [],
    left: new Map(),
    isAlone: true,
    log: () => undefined,
    now: () => "2026-11-20T08:00:00.000Z",
    times: { graceMs: 0, retryMs: 0 },
  } as unknown as LoopContext;
  await stopHandler(context)({ sessionIds: ["se-1"], groupId: "ag-1", message: null, reason: "r" }, "in-1");
  expect(order).toEqual([
    "its container has exited",
    "its messages are read",
    "its messages are read",
    "its messages are read",
    "its lease is released",
  ]);
});
