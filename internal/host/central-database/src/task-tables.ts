/** What an agent does at its times. Times are ISO 8601, UTC. */
export type TaskRow = {
  id: string;
  agent_group_id: string;
  /** The chat to which its answers go. */
  messaging_group_id: string;
  /** The thread of that chat; null for none. */
  thread_id: string | null;
  /** 1: its runs have a session of their own. 0: they are messages of the chat's session. */
  has_own_session: number;
  text: string;
  /** Its schedule, as JSON. */
  schedule: string;
  /** Which of the times that passed it runs for: `latest`, `all` or `skip`. */
  missed: string;
  /** How late it may run, ms; null for any time. */
  within_ms: number | null;
  /** The command that decides whether the agent wakes; null for each time. */
  condition: string | null;
  status: string;
  /** Why it is paused, for people; null while it is active. */
  paused_because: string | null;
  /** The first time that has neither run nor been missed; null after the last one. */
  next_at: string | null;
  /** The last time that ran or was missed. */
  last_at: string | null;
  /** How many runs failed in a row. */
  failures: number;
  created_at: string;
  /** Who made it, as in the log of decisions. */
  created_by: string;
};

/** A time for which a task ran, or times that it missed. */
export type TaskRunRow = {
  task_id: string;
  /** The time of its schedule; of missed times the first. */
  at: string;
  /** The last of missed times; null for a run. */
  missed_until: string | null;
  /** How many times were missed; 0 for a run. */
  missed: number;
  /** When this was written. */
  written_at: string;
  /** The session that got the run's message. It may be gone. */
  session_id: string | null;
  /** `running`, `done`, `failed`, `kept-asleep`, or `missed`. */
  outcome: string;
};

export type TaskTables = {
  tasks: TaskRow;
  task_runs: TaskRunRow;
};
