import type { Kysely } from "kysely";
import { hasAgentChanged, resolveAgent, type AgentChoice, type AgentSources } from "@nc/container-config";
import type { CentralTables } from "@gatehouse/central-database";
import type { User } from "@nc/user-wizard";
import { filePersonOf, type FilePerson } from "./person-of-session.ts";

/** The agent that a session has now, and the one that its last container started with. */
export type SessionAgent = {
  readonly now: AgentChoice;
  /** The person whose entry of users.yaml counts; null for a session of no such person. */
  readonly userId: string | null;
  /** Null before the first container. */
  readonly started: AgentChoice | null;
  /** The running agent differs from it because of the session or its person. */
  readonly hasAgentChanged: boolean;
  /** Its group has the same configuration as when the last container started. */
  readonly isSameConfig: boolean;
};

/**
 * The provider and the model of a session's agent: its own, else those of the person of its direct chat, else
 * its group's. Null if there is no such session. `own` replaces stored values of the session.
 */
export const agentOfSession = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  own: Partial<AgentSources["session"]> = {},
): Promise<SessionAgent | null> => {
  const row = await db
    .selectFrom("sessions")
    .leftJoin("container_configs as config", "config.agent_group_id", "sessions.agent_group_id")
    .select(["agent_provider", "agent_model", "agent_model_provider", "container_agent", "config_generation"])
    .select(["config.provider", "config.model", "config.generation"])
    .where("sessions.id", "=", sessionId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const person = await filePersonOf(db, sessionId);
  const started = row.container_agent === null ? null : (JSON.parse(row.container_agent) as AgentChoice);
  const now = resolveAgent({ session: { ...row, ...own }, person: valuesOf(person), group: row });
  return {
    now,
    userId: person?.user_id ?? null,
    started,
    hasAgentChanged: started !== null && hasAgentChanged(started, now),
    isSameConfig: row.config_generation === row.generation,
  };
};

const valuesOf = (person: FilePerson | null): AgentSources["person"] => {
  if (person === null) return null;
  const { model = null, agent_backend = null } = JSON.parse(person.entry) as Partial<User>;
  return { model, agent_backend };
};
