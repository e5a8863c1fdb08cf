/** One conversation of an agent group, and the container that serves it. */
export type SessionRow = {
  id: string;
  agent_group_id: string;
  messaging_group_id: string | null;
  thread_id: string | null;
  agent_provider: string | null;
  status: string;
  container_status: string;
  /** The generation of the configuration that its container started with; null while it has none. */
  config_generation: number | null;
  last_active: string | null;
  created_at: string;
  /** Counts its containers, from 1; 0 while it had none. */
  incarnation: number;
  /** What the runtime calls its container; null while none runs. */
  container_ref: string | null;
  /** The image of its last container; null where the runtime has none. */
  image: string | null;
};

/**
 * Which host works on a session until when, by the database's clock. `token` only rises: it is compared in each
 * write about the session.
 */
export type SessionLeaseRow = {
  session_id: string;
  owner: string;
  token: number;
  expires_at: string;
  /** When another host asked for the session; null while none does. */
  wanted_at: string | null;
  /** Why; null while nobody has asked. */
  wanted_for: "stop" | "connection" | null;
};

/** What the hosts of one server have in common: at most one row. */
export type InstallationRow = {
  id: 1;
  /** Counts the commands that changed something: another host looks again. */
  changes: number;
};
