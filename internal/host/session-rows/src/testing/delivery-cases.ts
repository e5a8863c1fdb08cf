import {
  lastSource,
  markTold,
  openMessagesAfter,
  originOf,
  releaseMessages,
  sessionState,
  waitingMessages,
} from "../rows/inbound.ts";
import { sendToAgent } from "../rows/insert-messages.ts";
import { dueMessages, hasOpenMessages, settle } from "../rows/outbound.ts";
import {
  after,
  claim,
  codeOf,
  idsOf,
  inbound,
  must,
  outbound,
  same,
  start,
  started,
  type TransportCase,
} from "./contract-case.ts";

/** Calls of a host that delivers the messages of one agent to chats and to other agents. */
export const deliveryCases: readonly TransportCase[] = [
  {
    title: "skipped messages delay none behind them, and keep their place",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const ids = Array.from({ length: 130 }, (_, index) => `o-${index}`);
      await must(agent.commit({ acknowledgements: [], messages: ids.map((id) => outbound(id)), now: start }));
      const wanting = (except: readonly string[]) =>
        host.read(dueMessages({ limit: 50, now: start, except }));
      for (const from of [0, 50, 100])
        same(idsOf(await must(wanting(ids.slice(0, from)))), ids.slice(from, from + 50));
      same(await must(wanting(ids)), []);
      const delivered = { status: "delivered", platformMessageId: null, at: start } as const;
      await must(host.transact(settle([{ id: "o-120", ...delivered }])));
      same(
        idsOf(await must(wanting(ids.slice(0, 110)))),
        ids.slice(110).filter((id) => id !== "o-120"),
      );
      same(idsOf(await must(wanting([]))), ids.slice(0, 50));
      same(idsOf(await must(subject.host(2).read(dueMessages({ limit: 2, now: start })))), ["o-0", "o-1"]);
    },
  },
  {
    title: "the host finds who sent a message, and the session of a group that wrote last",
    check: async (subject) => {
      const { host } = await started(subject);
      const from = (groupId: string, sourceSessionId: string | null) => ({
        channelType: "agent",
        platformId: groupId,
        sourceSessionId,
      });
      same(await must(host.read(lastSource("g-2"))), null);
      await must(
        host.transact(
          sendToAgent([
            inbound("a", from("g-2", "s-7")),
            inbound("b", from("g-2", "s-8")),
            inbound("c", from("g-3", "s-9")),
            inbound("d", from("g-2", null)),
          ]),
        ),
      );
      same(
        [await must(host.read(lastSource("g-2"))), await must(host.read(lastSource("g-9")))],
        ["s-8", null],
      );
      const { sourceSessionId, channelType, platformId, threadId } = inbound("b", from("g-2", "s-8"));
      same(await must(host.read(originOf("b"))), { sourceSessionId, channelType, platformId, threadId });
      same(await must(host.read(originOf("none"))), null);
      await must(subject.host(2).transact(sendToAgent([inbound("m")])));
      same(await codeOf(host.read(lastSource("g-2"))), "fenced");
    },
  },
  {
    title: "a message of a later time is open, and a host that waits for signals gets one for it",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      same(await must(host.read(hasOpenMessages)), false);
      const before = host.signals();
      const messages = [outbound("late", { deliverAfter: after(60) })];
      await must(agent.commit({ acknowledgements: [], messages, now: start }));
      same(host.signals() > before, true);
      same(await must(host.read(dueMessages({ limit: 10, now: start }))), []);
      same(await must(host.read(hasOpenMessages)), true);
    },
  },
  {
    title: "a message that the host gave up stays failed, though its container completes it later",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("m")])));
      await claim(agent, ["m"]);
      const releasing = { now: start, maxTries: 1, backoffMs: () => 0 };
      await must(host.transact(releaseMessages(releasing)));
      const { ended } = await must(host.read(sessionState(start)));
      const reason = "The agent's process ended once while it worked on this message.";
      same(
        ended.map((one) => [one.id, one.reason]),
        [["m", reason]],
      );
      await must(host.transact(markTold(["m"])));
      const completed = { id: "m", status: "completed", reason: null } as const;
      await must(agent.commit({ acknowledgements: [completed], messages: [], now: start }));
      same((await must(host.read(sessionState(start)))).ended, []);
      same((await must(subject.host(2).read(sessionState(start)))).ended, []);
    },
  },
  {
    title: "the delivery of an answer tells the end of the completed message, and no other end",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      await must(host.transact(sendToAgent([inbound("done"), inbound("open"), inbound("bad")])));
      const messages = ["done", "open", "bad"].map((id) => outbound(`re-${id}`, { inReplyTo: id }));
      const acknowledgements = [
        { id: "done", status: "completed", reason: null },
        { id: "bad", status: "failed", reason: "x" },
      ] as const;
      await must(agent.commit({ acknowledgements, messages, now: start }));
      const deliveries = ["done", "open", "bad"].map((id) => ({
        ...({
          id: `re-${id}`,
          status: "delivered",
          platformMessageId: null,
          at: start,
          answers: id,
        } as const),
      }));
      same(await must(host.transact(settle(deliveries))), 1);
      same(await must(host.transact(settle(deliveries))), 0);
      const completed = { id: "open", status: "completed", reason: null } as const;
      await must(agent.commit({ acknowledgements: [completed], messages: [], now: start }));
      same(idsOf((await must(host.read(sessionState(start)))).ended), ["open", "bad"]);
      same(idsOf((await must(subject.host(2).read(sessionState(start)))).ended), ["open", "bad"]);
    },
  },
  {
    title: "people's messages that wait for a container are listed with their chat, oldest first",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const [channelType, platformId] = ["local", "ana"];
      const chat = { channelType, platformId };
      await must(
        host.transact(
          sendToAgent([
            inbound("ended", chat),
            inbound("one", { ...chat, threadId: "t" }),
            inbound("context", { ...chat, trigger: false }),
            inbound("note", { channelType: null, platformId: null }),
            inbound("of-an-agent", { ...chat, sourceSessionId: "s-2" }),
            inbound("late", { ...chat, processAfter: after(60) }),
            inbound("two", chat),
            inbound("three", chat),
          ]),
        ),
      );
      const done = { id: "ended", status: "completed", reason: null } as const;
      await must(agent.commit({ acknowledgements: [done], messages: [], now: start }));
      await must(host.read(sessionState(start)));
      same(await must(host.read(waitingMessages({ limit: 2, now: start }))), [
        { id: "one", channelType, platformId, threadId: "t" },
        { id: "two", channelType, platformId, threadId: null },
      ]);
      same(idsOf(await must(host.read(waitingMessages({ limit: 10, now: after(60) })))), [
        "one",
        "late",
        "two",
        "three",
      ]);
    },
  },
  {
    title:
      "unanswered messages of people and agents are listed page by page, also those in work or due later",
    check: async (subject) => {
      const { host, agent } = await started(subject);
      const chat = { channelType: "local", platformId: "ana" };
      const ofAgent = { channelType: "agent", platformId: "g-2", sourceSessionId: "s-2" };
      await must(
        host.transact(
          sendToAgent([
            inbound("ended", chat),
            inbound("in-work", { ...chat, threadId: "t" }),
            inbound("context", { ...chat, trigger: false }),
            inbound("note", { channelType: null, platformId: null }),
            inbound("of-an-agent", ofAgent),
            inbound("late", { ...chat, processAfter: after(60) }),
          ]),
        ),
      );
      await claim(agent, ["in-work"]);
      const done = { id: "ended", status: "completed", reason: null } as const;
      await must(agent.commit({ acknowledgements: [done], messages: [], now: start }));
      await must(host.read(sessionState(start)));
      const [first, ...rest] = await must(host.read(openMessagesAfter({ limit: 1 })));
      const { seq = 0, ...named } = first ?? {};
      same(named, { id: "in-work", ...chat, threadId: "t", sourceSessionId: null });
      same(rest, []);
      const next = await must(host.read(openMessagesAfter({ limit: 10, after: seq })));
      same(idsOf(next), ["of-an-agent", "late"]);
      same(next[0]?.sourceSessionId, "s-2");
      same(await must(host.read(openMessagesAfter({ limit: 10, after: next[1]?.seq ?? 0 }))), []);
    },
  },
];
