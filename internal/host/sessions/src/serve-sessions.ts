import { openAgentServer, type AgentServer } from "@gatehouse/wire";
import { secretsOfAgent } from "@gatehouse/workloads";
import { followConnection } from "./containers/follow-connection.ts";
import { sessionFacts } from "./leased/session-facts.ts";
import type { LoopContext } from "./context.ts";

/** Serves the agents of sessions on the sockets of this host. */
export const serveSessions = (context: LoopContext): Promise<AgentServer> => {
  const { central, leased, dataDir, runnersSocket, tlsDoor, signals, now, log, report } = context;
  return openAgentServer({
    db: central.loop,
    dataDir,
    runnersSocket,
    signals,
    now,
    log,
    report,
    ...(tlsDoor === undefined ? {} : { tlsDoor }),
    secrets: (workload) => secretsOfAgent(context, workload),
    groupOf: async ({ sessionId }) =>
      leased.get(sessionId)?.groupId ?? (await sessionFacts(central.loop, sessionId))?.group.id ?? null,
    connected: (workload, close) => followConnection(context, workload, close),
    // Stops a workload whose runner speaks another version of the wire, because another build started it or its
    // image contains one. No try is counted. Another workload replaces it, with growing waits.
    outdated: async ({ sessionId, incarnation }) => {
      await leased.get(sessionId)?.dispatch({ type: "outdated", incarnation });
    },
  });
};
