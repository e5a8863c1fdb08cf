import { project } from "../rows/host-side.ts";
import { releaseMessages } from "../rows/inbound.ts";
import { sendToAgent } from "../rows/insert-messages.ts";
import {
  after,
  claim,
  finish,
  idsOf,
  inbound,
  must,
  poll,
  projectionOf,
  same,
  start,
  started,
  type TransportCase,
} from "./contract-case.ts";
import type { AgentSide, Committed } from "../messages/transport.ts";

const numbered = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

/** The messages that a poll of the container returns. */
export const batchCases: readonly TransportCase[] = [
  {
    title: "messages come on every poll, in the order in which they were sent, with even numbers",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("b"), inbound("a")])));
      await must(
        host.transact(
          sendToAgent([inbound("c", { sourceSessionId: "s-2", threadId: "t", content: ["x", { y: null }] })]),
        ),
      );
      const first = await poll(agent);
      same(idsOf(first), ["b", "a", "c"]);
      same(
        first.map(({ seq }) => seq),
        [2, 4, 6],
      );
      same(await poll(agent), first);
      same(first[2], {
        ...inbound("c", { sourceSessionId: "s-2", threadId: "t", content: ["x", { y: null }] }),
        seq: 6,
        tries: 0,
      });
    },
  },
  {
    title: "a message sent again is not stored twice, and its first content stays",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      same(await must(host.transact(sendToAgent([inbound("m")]))), 1);
      const again = await must(
        host.transact(sendToAgent([inbound("m", { content: "other" }), inbound("n")])),
      );
      same(again, 1);
      same(
        (await poll(agent)).map(({ id, content }) => [id, content]),
        [
          ["m", { text: "m" }],
          ["n", { text: "n" }],
        ],
      );
    },
  },
  {
    title: "context alone makes no batch; with one trigger, all of it comes along",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(
        host.transact(sendToAgent([inbound("c1", { trigger: false }), inbound("c2", { trigger: false })])),
      );
      same(await poll(agent), []);
      same(await poll(agent, { isFirst: true }), []);
      await must(host.transact(sendToAgent([inbound("m")])));
      same(idsOf(await poll(agent)), ["c1", "c2", "m"]);
    },
  },
  {
    title: "12 newer context rows and one older task at limit 10: the task leads and the newest 9 follow",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("task", { kind: "task" })])));
      await must(host.transact(sendToAgent(numbered(12, "c").map((id) => inbound(id, { trigger: false })))));
      same(idsOf(await poll(agent)), ["task", ...numbered(12, "c").slice(3)]);
    },
  },
  {
    title: "with more triggers than the limit, the oldest come first, without context",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(
        host.transact(
          sendToAgent([inbound("c", { trigger: false }), ...numbered(5, "m").map((id) => inbound(id))]),
        ),
      );
      same(idsOf(await poll(agent, { limit: 3 })), ["m-1", "m-2", "m-3"]);
      same(idsOf(await poll(agent, { limit: 6 })), ["c", ...numbered(5, "m")]);
    },
  },
  {
    title: "before its time, a message is neither a trigger nor context",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const processAfter = after(60);
      await must(
        host.transact(
          sendToAgent([inbound("late", { processAfter }), inbound("c", { trigger: false, processAfter })]),
        ),
      );
      same(await poll(agent, { now: after(59) }), []);
      await must(host.transact(sendToAgent([inbound("m")])));
      same(idsOf(await poll(agent)), ["m"]);
      same(idsOf(await poll(agent, { now: after(60) })), ["late", "c", "m"]);
    },
  },
  {
    title: "an agent is told of a message when it becomes due",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("late", { processAfter: after(60) })])));
      same(await poll(agent), []);
      const justBefore = new Date(Date.parse(after(60)) - 20).toISOString();
      const told = new Promise<void>((resolve) => void agent.onChange(resolve));
      same(await poll(agent, { now: justBefore }), []);
      await told;
      same(idsOf(await poll(agent, { now: after(60) })), ["late"]);
    },
  },
  {
    title: "unread system messages delay no chat message, and come by their own call",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const system = numbered(10, "cli").map((id) => inbound(id, { kind: "system", trigger: false }));
      await must(host.transact(sendToAgent([...system, inbound("m")])));
      same(idsOf(await poll(agent)), ["m"]);
      same(idsOf(await must(agent.receiveSystem(3))), ["cli-1", "cli-2", "cli-3"]);
      const done = ["cli-1", "cli-2"].map((id) => ({ id, status: "completed", reason: null }) as const);
      await must(agent.commit({ acknowledgements: done, messages: [], now: start }));
      same(idsOf(await must(agent.receiveSystem(3))), ["cli-3", "cli-4", "cli-5"]);
    },
  },
  {
    title: "1,000 system and 1,000 context messages delay no message, and a note comes before it",
    check: async (subject) => {
      const { host } = await started(subject);
      await must(
        host.transact(
          sendToAgent([
            ...numbered(1000, "cli").map((id) => inbound(id, { kind: "system", trigger: false })),
            ...numbered(1000, "c").map((id) => inbound(id, { trigger: false })),
            inbound("m"),
            inbound("note", { onWake: true }),
          ]),
        ),
      );
      const { agent: next } = await started({ ...subject, host: () => host }, 2);
      same(idsOf(await poll(next, { isFirst: true, limit: 2 })), ["note", "m"]);
      same(idsOf(await poll(next, { limit: 3 })), ["c-999", "c-1000", "m"]);
    },
  },
  {
    title: "after a full batch was claimed, a new message comes at once",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent(numbered(10, "m").map((id) => inbound(id)))));
      await claim(agent, idsOf(await poll(agent)));
      same(await poll(agent), []);
      await must(host.transact(sendToAgent([inbound("new")])));
      same(idsOf(await poll(agent)), ["new"]);
    },
  },
  {
    title:
      "the rest of a batch comes again to the next container: the same ids in their order, with its uuid",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("a"), inbound("c", { trigger: false }), inbound("b")])));
      await claimAs(agent, "uuid-1", ["b", "c", "a"]);
      await must(host.transact(sendToAgent([inbound("d")])));
      await must(
        host.transact(releaseMessages({ now: start, maxTries: 5, backoffMs: () => 0, isInterrupted: true })),
      );
      await must(host.transact(project(projectionOf({ incarnation: 2 }))));
      const next = subject.agent();
      const again = await poll(next, { limit: 2 });
      same(
        again.map(({ id, batch }) => [id, batch]),
        [
          ["b", "uuid-1"],
          ["c", "uuid-1"],
          ["a", "uuid-1"],
        ],
      );
      await claimAs(next, "uuid-1", ["b", "c", "a"]);
      same(idsOf(await poll(next)), ["d"]);
    },
  },
  {
    title: "a message of a batch that has ended does not come again, and the others do",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("a"), inbound("b")])));
      await claimAs(agent, "uuid-1", ["a", "b"]);
      await finish(agent, "a");
      await must(host.transact(releaseMessages({ now: start, maxTries: 5, backoffMs: () => 0 })));
      await must(host.transact(project(projectionOf({ incarnation: 2 }))));
      same(
        (await poll(subject.agent())).map(({ id, batch, tries }) => [id, batch, tries]),
        [["b", "uuid-1", 1]],
      );
    },
  },
];

const claimAs = (agent: AgentSide, batch: string, ids: readonly string[]): Promise<Committed> =>
  must(
    agent.commit({
      acknowledgements: ids.map((id) => ({ id, status: "processing", reason: null })),
      messages: [],
      now: start,
      batch,
    }),
  );
