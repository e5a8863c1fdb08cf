import { agentOfSession, gatewayWorkloadOf, type SessionAgent } from "@gatehouse/session-rows";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { storedUpstream, type Upstreams } from "../rules/vendors.ts";

/** The agent that sent a request. */
export type Caller = {
  readonly sessionId: string;
  /** Counts the agent's starts in its session. */
  readonly incarnation: number;
  /** Whether its last request failed at the vendor. */
  readonly hasTrouble: boolean;
  readonly groupId: string;
  readonly groupName: string;
  /** The models that the agent may ask for; null for any. */
  readonly models: readonly string[] | null;
  /** The level that decided its model. */
  readonly modelFrom: SessionAgent["now"]["model"]["from"];
  /** The timezone of the group's configuration; null for the machine's. */
  readonly timezone: string | null;
  /** The address that the group has instead of the host's. */
  readonly upstream: Partial<Upstreams>;
  /** The limits of the group's day; null for none. */
  readonly maxRequests: number | null;
  readonly maxTokens: number | null;
  /** In the currency of the operator's prices. */
  readonly maxCost: number | null;
};

/**
 * The agent of a gateway token; null if the token is unknown, or its agent was stopped. Asks the database each
 * time: a revoked token must not work a moment longer.
 */
export const callerOf = async (db: Kysely<CentralTables>, token: string): Promise<Caller | null> => {
  const workload = await gatewayWorkloadOf(db, token);
  if (workload === null) return null;
  const row = await db
    .selectFrom("sessions")
    .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
    .leftJoin("container_configs", "container_configs.agent_group_id", "sessions.agent_group_id")
    .select(["sessions.agent_group_id", "agent_groups.name", "timezone", "upstream"])
    .select(["max_requests_per_day", "max_tokens_per_day", "max_cost_per_day"])
    .where("sessions.id", "=", workload.sessionId)
    .executeTakeFirst();
  const agent = await agentOfSession(db, workload.sessionId);
  if (row === undefined || agent === null) return null;
  const { agent_group_id: groupId, name: groupName, timezone } = row;
  const models = modelsOf(agent);
  const isCodex = agent.now.provider.value === "codex";
  const earlier = models !== null && isCodex ? await modelsUsed(db, groupId, workload.sessionId) : [];
  return {
    ...workload,
    groupId,
    groupName,
    timezone,
    upstream: row.upstream === null ? {} : storedUpstream(row.upstream),
    modelFrom: agent.now.model.from,
    models: models === null ? null : [...new Set([...models, ...earlier])],
    maxRequests: row.max_requests_per_day,
    maxTokens: row.max_tokens_per_day,
    maxCost: row.max_cost_per_day,
  };
};

/**
 * The model that the session has now. An agent that runs ends its turn with the model that it started with,
 * unless the configuration of its group has changed since: that holds at once.
 */
const modelsOf = ({ now, started, isSameConfig }: SessionAgent): Caller["models"] => {
  const models = [now, ...(isSameConfig && started !== null ? [started] : [])].map(
    ({ model }) => model.value,
  );
  const named = models.filter((model) => model !== null);
  return named.length < models.length ? null : [...new Set(named)];
};

/**
 * The models of OpenAI that a session has used. After a change of the model, Codex sums up the conversation with the
 * model before it, and without that it does not go on (0.169.0: gpt-5.5 to gpt-6-sol).
 */
const modelsUsed = async (
  db: Kysely<CentralTables>,
  groupId: string,
  sessionId: string,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("usage")
    .select("model")
    .distinct()
    .where("agent_group_id", "=", groupId)
    .where("session_id", "=", sessionId)
    .where("provider", "=", "openai")
    .execute();
  return rows.map(({ model }) => model);
};
