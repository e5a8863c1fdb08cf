/** The text that an agent is writing now. It is not stored, and some are dropped. */
export type Progress = {
  /** The message that it answers; null if it answers none. */
  readonly inReplyTo: string | null;
  /** The text so far, or its end: at most `wireLimits.progress` characters. */
  readonly text: string;
  /** The message waits for the turn after the running one. Such a report is not dropped. */
  readonly waits?: true | undefined;
};

/** A notice to a running agent. It is not stored. */
export type Notice =
  /** The host stops: claim nothing new until another host welcomes the agent. */
  | "drain"
  /** A host has welcomed the agent. */
  | "resume";
