/** One conversation of an agent group, and the container that serves it. */
export type SessionRow = {
  id: string;
  agent_group_id: string;
  messaging_group_id: string | null;
  thread_id: string | null;
  /** The task whose runs alone it serves; null for a conversation with people. */
  task_id: string | null;
  agent_provider: string | null;
  status: string;
  container_status: string;
  /** The generation of the configuration that its container started with; null before its first container. */
  config_generation: number | null;
  last_active: string | null;
  created_at: string;
  /** The number of its last container, from 1; 0 before the first. */
  incarnation: number;
  /** The runtime's name for its container; null while no container runs. */
  container_ref: string | null;
  /** The session's own model; null for the person's or the group's. */
  agent_model: string | null;
  /** The provider that the session had when it was given its model. */
  agent_model_provider: string | null;
  /** The provider and model that its last container started with, as JSON; null before its first container. */
  container_agent: string | null;
  /** How that container exited, as JSON, if a host that does not lease the session has seen it; else null. */
  container_exit: string | null;
};

/** A file of settings that the hosts of one database share, by its name in each data folder. */
export type SharedSettingRow = {
  name: string;
  /** Rises with each change. */
  version: number;
  /** Random. After a restore, another version may have the same number. */
  version_id: string;
  /** Its text, sealed if the file has secrets; null if the file was removed. */
  content: string | null;
  /** Which key sealed the text; null for a text in the clear. */
  key_id: string | null;
  changed_at: string;
  /** The name of the host that changed it. */
  changed_by: string;
};

/** Another machine that runs the agents of a group. */
export type MachineRow = {
  id: string;
  agent_group_id: string;
  /** As the machine calls itself. */
  name: string;
  /** SHA-256 of the token with which it connects, base64url. */
  token_hash: string;
  created_at: string;
  /** When it connected last. */
  connected_at: string;
  /** When its connection ended; null while it is connected. */
  disconnected_at: string | null;
  /** The name of the host to which it connected last. */
  host: string;
  /** When the later host that it serves took the place of this one; null if it serves this one. ISO 8601, UTC. */
  later_host: string | null;
};

/** The one of several copies of a data folder that works on a database on a server. */
export type SuccessionRow = {
  /** The same in all copies. */
  id: string;
  /** When its host took the place of another one; empty if it never did. ISO 8601, UTC. */
  since: string;
  /** Its machine and data folder, for people. */
  place: string;
};

/** A host that works on a database on a server. Times are the database's. */
export type HostRow = {
  name: string;
  /** Its machine and data folder, for people. */
  place: string;
  version: string | null;
  /** The runtime of its agents. */
  runtime: string;
  /** By the name of a shared file, how far it has it, as JSON. */
  settings: string;
  started_at: string;
  /** When it last said that it runs. */
  seen_at: string;
};

/** What one host may work on: which host, and until when by the database's clock. Each write compares `token`, which only rises. */
export type LeaseRow = {
  /** The id of a session or of an intent, or `telegram/NAME` for a bot whose updates the host receives. */
  name: string;
  /** The session, so that its lease is deleted with it; null for anything else. */
  session_id: string | null;
  owner: string;
  token: number;
  expires_at: string;
  /** When another host asked for the session; null without such a request. */
  wanted_at: string | null;
  /** Why another host asked for the session; null without such a request. */
  wanted_for: "stop" | "connection" | null;
  /** 1 if another host has written to the session since its host was told to look. */
  is_unread: 0 | 1;
};

/** State that the hosts of one server share: at most one row. */
export type InstallationRow = {
  id: 1;
  /** Number of commands that changed something. When it rises, other hosts look for changes. */
  changes: number;
  /** What all hosts of the database call it in a cluster; null until a host has asked. */
  name: string | null;
};
