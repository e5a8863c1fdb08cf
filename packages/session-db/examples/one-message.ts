import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import * as sessions from "@nc/session-db/node";

const [folder = "."] = process.argv.slice(2);
const now = (): string => new Date().toISOString();
const chat = { channelType: "local", platformId: "ana", threadId: null };
const must = <T>(result: { ok: true; value: T } | { ok: false; error: { message: string } }): T => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

// The host: its database, which has the rows of all sessions, and a socket that agents dial.
const database = new Libsql(join(folder, "host.db"));
database.exec("pragma journal_mode = wal; pragma synchronous = full");
const db = new Kysely<sessions.SessionTables>({
  dialect: new SqliteDialect({ database: database as never }),
});
await sessions.createSessionTables(db);
const signals = sessions.sessionSignals();
const server = createServer();
const runners = sessions.serveRunners(server, {
  open: async (token) => {
    const workload = await sessions.workloadOf(db, token);
    return workload === null ? null : sessions.openAgentSide({ db, signals, ...workload });
  },
  report: console.error,
});
server.listen(join(folder, "runners.sock"));
await once(server, "listening");

// One session. The token is for its agent alone, and the database has only a hash of it.
const side = { db, signals, sessionId: "s-1", token: 1 };
const host = sessions.openHostSide(side);
const identity = { sessionId: "s-1", groupId: "g-1", groupName: "Notes", incarnation: 1, token: 1 };
must(await host.project({ identity, routing: chat, destinations: [], toolRules: [] }));
const token = must(await sessions.issueToken(side, identity.incarnation));
must(
  await host.send([
    {
      ...chat,
      ...{ id: "m-1", kind: "chat", timestamp: now(), content: { text: "hello" }, trigger: true },
      ...{ onWake: false, sourceSessionId: null, processAfter: null },
    },
  ]),
);

// The agent: another process, which has the socket's path and its token.
const agent = sessions.dialHost({ connect: () => connect(join(folder, "runners.sock")), token });
for (const message of must(await agent.receive({ isFirst: true, limit: 10, now: now() }))) {
  console.log("in", message.seq, message.id, JSON.stringify(message.content));
  // The answer and the acknowledgement are there together, or not at all.
  must(
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
    }),
  );
}

// The host again. What it does not acknowledge comes again.
for (const { id, seq, content } of must(await host.receive({ limit: 10, now: now() }))) {
  console.log("out", seq, id, JSON.stringify(content));
  must(await host.acknowledge([{ id, status: "delivered", platformMessageId: null, at: now() }]));
}
console.log(must(await host.state(now())).ended);
await agent.close();
await host.close();
runners.close();
server.close();
await db.destroy();
