import { releaseMessages, sessionState } from "../rows/inbound.ts";
import { sendToAgent } from "../rows/insert-messages.ts";
import { dueMessages, settle } from "../rows/outbound.ts";
import type { Delivery, TransportResult, Undelivered } from "../messages/transport.ts";
import { type HostSide, project } from "../rows/host-side.ts";
import {
  after,
  codeOf,
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

const received = (host: HostSide, now: string = start): Promise<TransportResult<readonly Undelivered[]>> =>
  host.read(dueMessages({ limit: 10, now }));
const idsReceived = async (host: HostSide, now?: string): Promise<readonly string[]> =>
  idsOf(await must(received(host, now)));
const ended = (id: string, status: Delivery["status"] = "delivered"): Delivery => ({
  id,
  status,
  at: start,
  platformMessageId: status === "delivered" ? `p-${id}` : null,
});
const nothing = { acknowledgements: [], now: start };

/** The agent's messages, and which host may write. */
export const hostCases: readonly TransportCase[] = [
  {
    title: "the agent's messages come with odd numbers, oldest first, until the host has ended with them",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      same(await must(received(host)), []);
      await must(host.transact(sendToAgent([inbound("m")])));
      const messages = [
        outbound("b", { platformId: "p", content: [1, "two"] }),
        outbound("a"),
        outbound("c"),
      ];
      await must(agent.commit({ ...nothing, messages }));
      const first = await must(received(host));
      same(
        first,
        messages.map((message, index) => ({ ...message, seq: 3 + 2 * index, wasClaimed: false })),
      );
      same(await must(received(host)), first);
      await must(host.transact(settle([ended("a"), ended("b", "failed")])));
      same(await idsReceived(host), ["c"]);
      await must(host.transact(settle([ended("c")])));
      same(await idsReceived(host), []);
    },
  },
  {
    title:
      "two processes of one container that commit the same answer store it once, and never use a number twice",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const other = subject.agent();
      const commit = (side: typeof agent, ids: readonly string[]): Promise<unknown> =>
        Promise.all(ids.map((id) => must(side.commit({ ...nothing, messages: [outbound(id)] }))));
      await Promise.all([commit(agent, ["re-m", "a"]), commit(other, ["re-m", "b"])]);
      const messages = await must(received(host));
      same(idsOf(messages).toSorted(), ["a", "b", "re-m"]);
      same(new Set(messages.map(({ seq }) => seq)).size, 3);
    },
  },
  {
    title: "no number is used twice, by either side and after any restart",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.commit({ ...nothing, messages: [outbound("a")] }));
      await must(host.transact(sendToAgent([inbound("m"), inbound("n")])));
      await must(agent.commit({ ...nothing, messages: [outbound("b")] }));
      await host.close();
      await agent.close();
      const next = await started(subject, 2);
      await must(next.host.transact(sendToAgent([inbound("o")])));
      await must(next.agent.commit({ ...nothing, messages: [outbound("c")] }));
      same(
        (await must(received(next.host))).map(({ seq }) => seq),
        [1, 5, 7],
      );
      same(
        (await poll(next.agent)).map(({ seq }) => seq),
        [2, 4, 6],
      );
    },
  },
  {
    title: "a message of a later time delays no other, and comes when it is due",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const late = outbound("late", { deliverAfter: after(60) });
      await must(agent.commit({ ...nothing, messages: [late, outbound("a")] }));
      same(await idsReceived(host), ["a"]);
      await must(host.transact(settle([ended("a")])));
      await must(agent.commit({ ...nothing, messages: [outbound("b")] }));
      same(await idsReceived(host, after(59)), ["b"]);
      same(await idsReceived(subject.host(1), after(60)), ["late", "b"]);
      await must(host.transact(settle([ended("late")])));
      same(await idsReceived(host, after(60)), ["b"]);
    },
  },
  {
    title: "a host and the next one learn which messages were claimed, and get none that has ended",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.commit({ ...nothing, messages: ["a", "b", "c"].map((id) => outbound(id)) }));
      await must(received(host));
      await must(host.transact(settle([ended("b", "claimed")])));
      await must(host.transact(settle([ended("a")])));
      same(
        (await must(received(host))).map(({ id, wasClaimed }) => [id, wasClaimed]),
        [
          ["b", true],
          ["c", false],
        ],
      );
      const next = subject.host(2);
      same(
        (await must(received(next))).map(({ id, wasClaimed }) => [id, wasClaimed]),
        [
          ["b", true],
          ["c", false],
        ],
      );
      await must(next.transact(settle([ended("b", "failed")])));
      await must(next.transact(settle([ended("b", "claimed")])));
      same(await idsReceived(next), ["c"]);
    },
  },
  {
    title: "an answer is stored once, together with the outcome of the message that it answers",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.commit({ ...nothing, messages: [outbound("asked")] }));
      await must(received(host));
      const answer = inbound("answer", { kind: "system", trigger: false });
      await must(host.transact(settle([ended("asked")], [answer])));
      await must(host.transact(settle([ended("asked")], [answer])));
      same(
        (await must(agent.receiveSystem(10))).map(({ id }) => id),
        ["answer"],
      );
      // An answer without an outcome is written too.
      await must(host.transact(settle([], [inbound("alone", { kind: "system", trigger: false })])));
      same(
        (await must(agent.receiveSystem(10))).map(({ id }) => id),
        ["answer", "alone"],
      );
      same(await idsReceived(host), []);
    },
  },
  {
    title: "once a host with a higher token has written, an earlier host is fenced and changes nothing",
    check: async (subject) => {
      const { host: early, agent } = await started(subject);
      await must(agent.commit({ ...nothing, messages: [outbound("a")] }));
      await must(received(early));
      const late = subject.host(2);
      await must(late.transact(sendToAgent([inbound("m")])));
      const calls = [
        early.transact(sendToAgent([inbound("stale")])),
        early.transact(settle([ended("a")])),
        early.transact(project(projectionOf({ incarnation: 7 }))),
        early.transact(releaseMessages({ now: start, maxTries: 1, backoffMs: () => 0 })),
        early.read(dueMessages({ limit: 1, now: start })),
        early.read(sessionState(start)),
      ];
      for (const call of calls) same(await codeOf(call), "fenced");
      same(await idsReceived(late), ["a"]);
      same(idsOf(await poll(agent)), ["m"]);
      same((await must(agent.projection())).identity.incarnation, 1);
    },
  },
  {
    title: "the container reads what the host projects: its identity, routing and destinations",
    check: async ({ host: openHost, agent: openAgent }) => {
      const [host, agent] = [openHost(1), openAgent()];
      same(await codeOf(agent.projection()), "unreadable");
      const nobody = { channelType: null, platformId: null, agentGroupId: null };
      const first = {
        ...projectionOf(),
        routing: { channelType: "local", platformId: "ana", threadId: null },
        destinations: [{ name: "bo", displayName: null, type: "agent", ...nobody, agentGroupId: "g-2" }],
      } as const;
      await must(host.transact(project(first)));
      same(await must(agent.projection()), first);
      const changed = { ...first, destinations: [{ ...first.destinations[0], displayName: "Bo" }] };
      await must(host.transact(project(changed)));
      same(await must(agent.projection()), changed);
      await must(host.transact(project(projectionOf())));
      same(await must(agent.projection()), projectionOf());
    },
  },
  {
    title: "a value that one container stores is returned to the next one",
    check: async (subject) => {
      const { agent } = await started(subject);
      same((await must(agent.get("conversation"))) ?? "none", "none");
      await must(agent.set("conversation", { id: 7, parts: [null, "ä"] }, start));
      await must(agent.set("other", false, start));
      const next = subject.agent();
      same(await must(next.get("conversation")), { id: 7, parts: [null, "ä"] });
      await must(next.set("conversation", undefined, start));
      same(
        [(await must(agent.get("conversation"))) ?? "none", await must(agent.get("other"))],
        ["none", false],
      );
    },
  },
  {
    title: "each side is told when the other may have written something, until it stops listening",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(agent.set("x", 1, start));
      const told = (side: typeof host | typeof agent): Promise<void> =>
        new Promise((resolve) => {
          const stop = side.onChange(() => {
            stop();
            resolve();
          });
        });
      const [hostTold, agentTold] = [told(host), told(agent)];
      await must(host.transact(sendToAgent([inbound("m")])));
      await agentTold;
      await must(agent.commit({ ...nothing, messages: [outbound("a")] }));
      await hostTold;
    },
  },
  {
    title: "a closed side returns `closed`",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await host.close();
      await agent.close();
      same(await codeOf(host.transact(sendToAgent([inbound("m")]))), "closed");
      same(await codeOf(agent.projection()), "closed");
    },
  },
];
