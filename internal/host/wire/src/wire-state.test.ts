import { expect, test } from "vitest";
import { checkAgents } from "./wire-state.ts";
import type { AgentConnection } from "./wire-state.ts";

const now = Date.parse("2026-11-23T12:00:00.000Z");

const agent = (over: Partial<AgentConnection> = {}): AgentConnection => ({
  session: "se-1",
  incarnation: 1,
  version: 2,
  callsWaiting: 0,
  bytesUnread: 0,
  refusals: 0,
  lastHeardAt: "2026-11-23T11:59:30.000Z",
  ...over,
});

test.for([
  { what: "none", agents: [], ok: true, message: "0 agents are connected and answering." },
  { what: "one", agents: [agent()], ok: true, message: "1 agent is connected and answering." },
  {
    what: "a silent one",
    agents: [agent(), agent({ session: "se-2", lastHeardAt: "2026-11-23T11:57:59.000Z" })],
    ok: false,
    message: "2 agents are connected: se-2 was last heard of at 2026-11-23T11:57:59.000Z.",
  },
  {
    what: "one that does not read",
    agents: [agent({ bytesUnread: 2_000_000 })],
    ok: false,
    message: "1 agent is connected: se-1 has not read 2000000 bytes.",
  },
] as const)("$what: $message", ({ agents, ok, message }) => {
  const found = checkAgents({ agents, ended: {}, lastClosed: null }, now);
  expect({ ok: found.ok, message: found.message }).toEqual({ ok, message });
  expect(found.fix !== undefined).toBe(!ok);
});
