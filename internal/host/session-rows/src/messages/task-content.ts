/** The content of a message of kind `task`. Only the host writes one. */
export type TaskContent = {
  /** What the agent shall do. */
  readonly text: string;
  /** The task's id. */
  readonly task: string;
  /** The command that runs in the agent's place first: its exit code 0 wakes the agent. Null for none. */
  readonly condition: string | null;
};

/** The beginning of the reason of a task's message that completed without a turn: its command woke nobody. */
export const keptAsleep = "Kept asleep: ";
