import { expect, test } from "vitest";
import { answer, at, later, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

test("a message in, an answer out, acknowledged and delivered once", async () => {
  const { host: openHost, agent: openAgent } = session();
  const [host, agent] = [openHost(), openAgent()];
  must(await host.project(projection(1)));
  expect(must(await host.send([message("m-1")]))).toEqual({ written: 1, known: 0 });
  expect(must(await host.state(at))).toMatchObject({ due: 1, claims: [], ended: [] });

  const [received] = must(await agent.receive({ isFirst: true, limit: 10, now: at }));
  expect(received).toMatchObject({ id: "m-1", seq: 2, tries: 0, content: { text: "m-1" } });
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  must(await agent.commit({ acknowledgements: [processing], messages: [], now: at }));
  expect(must(await agent.receive({ isFirst: false, limit: 10, now: at }))).toEqual([]);
  expect(must(await host.state(at))).toMatchObject({
    due: 0,
    claims: [{ id: "m-1", since: at, incarnation: 1 }],
  });

  const completed = { ...processing, status: "completed" } as const;
  const reply = answer("re-m-1", { inReplyTo: "m-1" });
  must(await agent.commit({ acknowledgements: [completed], messages: [reply], now: later(1) }));
  expect(must(await host.receive({ limit: 10, now: at }))).toEqual([{ ...reply, seq: 3, wasClaimed: false }]);
  expect(must(await host.state(at))).toMatchObject({
    due: 0,
    claims: [],
    ended: [{ id: "m-1", status: "completed", tries: 0, reason: null }],
  });
  must(await host.acknowledge([{ id: "re-m-1", status: "delivered", platformMessageId: null, at }]));
  expect(must(await host.receive({ limit: 10, now: at }))).toEqual([]);
});
