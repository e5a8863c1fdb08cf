import { foreignReader, openAgentEnd, openHostEnd } from "@nc/session-db/node";

const [folder = "session"] = process.argv.slice(2);
const now = (): string => new Date().toISOString();
const chat = { channelType: "local", platformId: "ana", threadId: null };

// The host. The reader is one for all sessions: it reads what containers wrote, in processes of its own.
const reader = foreignReader();
const host = openHostEnd({ folder, token: 1, reader });
const identity = { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation: 1, token: 1 };
const projected = await host.project({ identity, routing: chat, destinations: [] });
if (!projected.ok) throw new Error(projected.error.message);
await host.send([
  {
    ...chat,
    ...{ id: "m-1", kind: "chat", timestamp: now(), content: { text: "hello" }, trigger: true },
    ...{ onWake: false, sourceSessionId: null, processAfter: null },
  },
]);

// The container: another process, which is given the folder alone.
const agent = openAgentEnd({ folder });
const batch = await agent.receive({ isFirst: true, limit: 10, now: now() });
if (!batch.ok) throw new Error(batch.error.message);
for (const message of batch.value) {
  console.log("in", message.seq, message.id, JSON.stringify(message.content));
  // The answer and the acknowledgement are there together, or not at all.
  await agent.commit({
    acknowledgements: [{ id: message.id, status: "completed", reason: null }],
    messages: [
      {
        ...chat,
        ...{ id: `re-${message.id}`, inReplyTo: message.id, kind: "chat", timestamp: now() },
        ...{ content: { text: "hello, Ana" }, deliverAfter: null },
      },
    ],
    now: now(),
  });
}

// The host again. What it does not acknowledge comes again.
const answers = await host.receive({ limit: 10, now: now() });
if (!answers.ok) throw new Error(answers.error.message);
for (const { id, seq, content } of answers.value) {
  console.log("out", seq, id, JSON.stringify(content));
  await host.acknowledge([{ id, status: "delivered", platformMessageId: null, at: now() }]);
}
const state = await host.state(now());
console.log(state.ok ? state.value.ended : state.error.message);
await agent.close();
await host.close();
await reader.close();
