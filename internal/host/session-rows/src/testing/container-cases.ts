import { markTold, releaseMessages, sessionState } from "../rows/inbound.ts";
import { sendToAgent } from "../rows/insert-messages.ts";
import { dueMessages, settle } from "../rows/outbound.ts";
import type { AgentSide, TransportResult } from "../messages/transport.ts";
import { type HostSide, project } from "../rows/host-side.ts";
import {
  after,
  claim,
  codeOf,
  finish,
  idsOf,
  inbound,
  must,
  outbound,
  poll,
  projectionOf,
  same,
  start,
  started,
  type TransportCase,
} from "./contract-case.ts";

const releasing = { maxTries: 3, backoffMs: (tries: number) => tries * 10_000 };
const release = (host: HostSide, now: string): Promise<TransportResult<void>> =>
  host.transact(releaseMessages({ ...releasing, now }));

const restarted = async (host: HostSide, open: () => AgentSide, incarnation: number): Promise<AgentSide> => {
  await must(host.transact(project(projectionOf({ incarnation }))));
  const agent = open();
  await must(agent.projection());
  return agent;
};

const stateOf = async (host: HostSide, now: string = start) => {
  const { due, nextDueAt, ended, claims } = await must(host.read(sessionState(now)));
  return {
    due,
    nextDueAt,
    ended: ended.map(({ id, status, tries }) => [id, status, tries]),
    claims: idsOf(claims),
  };
};

/** Consecutive containers: claims, tries, notes for the next one. */
export const containerCases: readonly TransportCase[] = [
  {
    title:
      "a note for the next container never reaches the running one, and reaches the next on its first poll",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("note", { onWake: true }), inbound("m")])));
      same(idsOf(await poll(agent, { isFirst: true })), ["m"]);
      const next = await restarted(host, subject.agent, 2);
      // The old container still runs, and keeps its incarnation.
      same(idsOf(await poll(agent, { isFirst: true })), ["m"]);
      same(idsOf(await poll(next)), ["m"]);
      same(idsOf(await poll(next, { isFirst: true })), ["note", "m"]);
      await claim(next, ["note"]);
      same(idsOf(await poll(next, { isFirst: true })), ["m"]);
    },
  },
  {
    title: "a limit cuts off no note",
    check: async (subject) => {
      const { host } = await started(subject);
      await must(
        host.transact(sendToAgent([inbound("m-1"), inbound("m-2"), inbound("note", { onWake: true })])),
      );
      const next = await restarted(host, subject.agent, 2);
      same(idsOf(await poll(next, { isFirst: true, limit: 2 })), ["note", "m-1"]);
    },
  },
  {
    title: "a note that a container had in work when it exited comes again, on any poll of the next",
    check: async (subject) => {
      const { host } = await started(subject);
      await must(host.transact(sendToAgent([inbound("note", { onWake: true })])));
      const second = await restarted(host, subject.agent, 2);
      await claim(second, idsOf(await poll(second, { isFirst: true })));
      await must(release(host, start));
      const third = await restarted(host, subject.agent, 3);
      same(await poll(third, { isFirst: true }), []);
      same(idsOf(await poll(third, { now: after(10) })), ["note"]);
    },
  },
  {
    title:
      "messages in work when a container exits are due again later, with one more try, and then have failed",
    check: async (subject) => {
      const { host } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m")])));
      let now = start;
      for (const tries of [0, 1, 2]) {
        const agent = await restarted(host, subject.agent, tries + 1);
        const [given] = await poll(agent, { now });
        same([given?.id, given?.tries], ["m", tries]);
        await claim(agent, ["m"], now);
        same(await stateOf(host, now), { due: 0, nextDueAt: null, ended: [], claims: ["m"] });
        await must(release(host, now));
        if (tries === 2) break;
        const wait = (tries + 1) * 10;
        const dueAt = new Date(Date.parse(now) + wait * 1000).toISOString();
        same(await stateOf(host, now), { due: 0, nextDueAt: dueAt, ended: [], claims: [] });
        now = dueAt;
        same((await stateOf(host, now)).due, 1);
      }
      const last = await restarted(host, subject.agent, 4);
      same(await poll(last, { now: after(1e6) }), []);
      const { due, ended } = await stateOf(host, after(1e6));
      same({ due, ended }, { due: 0, ended: [["m", "failed", 3]] });
    },
  },
  {
    title:
      "messages in work when a container is interrupted are due at once, on any poll, and no try is counted",
    check: async (subject) => {
      const { host } = await started(subject);
      await must(host.transact(sendToAgent([inbound("note", { onWake: true }), inbound("m")])));
      const second = await restarted(host, subject.agent, 2);
      await claim(second, idsOf(await poll(second, { isFirst: true })));
      await must(host.transact(releaseMessages({ ...releasing, now: start, isInterrupted: true })));
      same(await stateOf(host), { due: 2, nextDueAt: null, ended: [], claims: [] });
      const third = await restarted(host, subject.agent, 3);
      const again = await poll(third);
      same(idsOf(again), ["note", "m"]);
      same(
        again.map(({ tries }) => tries),
        [0, 0],
      );
    },
  },
  {
    title: "a repeated release, also by the next host, counts no try twice",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m")])));
      await claim(agent, ["m"]);
      for (const side of [host, host, subject.host(2)]) await must(release(side, start));
      const last = subject.host(2);
      same(await stateOf(last), { due: 0, nextDueAt: after(10), ended: [], claims: [] });
      const next = await restarted(last, subject.agent, 2);
      same(
        (await poll(next, { now: after(10) })).map(({ id, tries }) => [id, tries]),
        [["m", 1]],
      );
    },
  },
  {
    title:
      "messages that the exited container had finished are not tried again, though the host had not read that",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m"), inbound("n")])));
      await claim(agent, ["m", "n"]);
      await finish(agent, "m");
      await must(release(host, start));
      same(await stateOf(host), {
        due: 0,
        nextDueAt: after(10),
        claims: [],
        ended: [["m", "completed", 0]],
      });
    },
  },
  {
    title: "a failed message stays failed, with its reason and its sender, until its end is told",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const chat = { channelType: "local", platformId: "ana", threadId: null };
      await must(host.transact(sendToAgent([inbound("m", chat)])));
      await claim(agent, ["m"]);
      const failed = { id: "m", status: "failed", reason: "no model" } as const;
      await must(agent.commit({ acknowledgements: [failed], messages: [], now: start }));
      const end = { ...failed, tries: 0, answer: null, sourceSessionId: null, ...chat };
      same((await must(host.read(sessionState(start)))).ended, [end]);
      const completed = { id: "m", status: "completed", reason: null } as const;
      await must(agent.commit({ acknowledgements: [completed], messages: [], now: start }));
      same((await must(host.read(sessionState(start)))).ended, [end]);
      await must(host.transact(markTold(["m"])));
      same((await must(host.read(sessionState(start)))).ended, []);
      const next = await restarted(host, subject.agent, 2);
      same(await poll(next), []);
    },
  },
  {
    title: "an end that a killed host had read and not told is returned to the next host",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m")])));
      const failed = { id: "m", status: "failed", reason: "no model" } as const;
      await must(agent.commit({ acknowledgements: [failed], messages: [], now: start }));
      await must(host.read(sessionState(start)));
      const next = subject.host(2);
      same(idsOf((await must(next.read(sessionState(start)))).ended), ["m"]);
      await must(next.transact(markTold(["m"])));
      same(idsOf((await must(subject.host(3).read(sessionState(start)))).ended), []);
      same(await codeOf(host.transact(markTold(["m"]))), "fenced");
    },
  },
  {
    title:
      "an end says whether its answer was sent or waits, also if it came before the end; a failed one is none",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const ids = ["sent", "waits", "failed", "none"] as const;
      await must(host.transact(sendToAgent(ids.map((id) => inbound(id)))));
      await claim(agent, [...ids]);
      const messages = ids.filter((id) => id !== "none").map((id) => outbound(`re-${id}`, { inReplyTo: id }));
      await must(agent.commit({ acknowledgements: [], messages, now: start }));
      for (const status of ["sent", "failed"] as const)
        await must(
          host.transact(
            settle([
              {
                id: `re-${status}`,
                status: status === "sent" ? "delivered" : "failed",
                platformMessageId: null,
                at: start,
              },
            ]),
          ),
        );
      const acknowledgements = ids.map((id) => ({ id, status: "completed", reason: null }) as const);
      await must(agent.commit({ acknowledgements, messages: [], now: start }));
      const { ended } = await must(host.read(sessionState(start)));
      same(
        ended.map(({ id, answer }) => [id, answer]),
        [
          ["sent", "sent"],
          ["waits", "waits"],
          ["failed", null],
          ["none", null],
        ],
      );
    },
  },
  {
    title: "a message that waits longer than any can is due: the clock was set back since",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m", { processAfter: after(10_800) })])));
      same(await stateOf(host), { due: 1, nextDueAt: null, ended: [], claims: [] });
      same(idsOf(await poll(agent)), ["m"]);
    },
  },
  {
    title: "the host sees which messages are due and when, claims with their times, and the agent's tool",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(
        host.transact(
          sendToAgent([
            inbound("m"),
            inbound("c", { trigger: false }),
            inbound("s", { kind: "system", trigger: false }),
            inbound("later", { processAfter: after(60) }),
            inbound("last", { processAfter: after(90) }),
          ]),
        ),
      );
      same(await stateOf(host), { due: 1, nextDueAt: after(60), ended: [], claims: [] });
      await claim(agent, ["m", "c"], after(5));
      const tool = { name: "Bash", startedAt: after(6), timeoutMs: 600_000 };
      await must(agent.setTool(tool, after(6)));
      const state = await must(host.read(sessionState(after(60))));
      same(state.claims, [
        { id: "c", since: after(5), incarnation: 1 },
        { id: "m", since: after(5), incarnation: 1 },
      ]);
      same([state.due, state.nextDueAt, state.tool], [1, after(90), tool]);
      await must(agent.setTool(null, after(7)));
      same((await must(host.read(sessionState(start)))).tool, null);
    },
  },
  {
    title: "a heartbeat of an earlier container does not count for the next one",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      same(host.heartbeat(1), null);
      await agent.heartbeat();
      const beat = host.heartbeat(1);
      same(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(beat ?? ""), true);
      const next = await restarted(host, subject.agent, 2);
      same(host.heartbeat(2), null);
      while (host.heartbeat(2) === null) await next.heartbeat();
    },
  },
  {
    title:
      "a claim that the host has seen stays visible to it and to the next host until its message has ended",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m")])));
      await claim(agent, ["m"]);
      const seen = async (side: HostSide) => {
        await must(side.read(dueMessages({ limit: 10, now: start })));
        const { due, ended, claims } = await must(side.read(sessionState(start)));
        return { due, ended: idsOf(ended), claimed: idsOf(claims) };
      };
      const inWork = { due: 0, ended: [], claimed: ["m"] };
      same(await seen(host), inWork);
      same(await seen(host), inWork);
      same(await seen(subject.host(2)), inWork);
      await finish(agent, "m");
      same(await seen(subject.host(2)), { due: 0, ended: ["m"], claimed: [] });
    },
  },
];
