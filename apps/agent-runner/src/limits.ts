/** Times and counts of the runner, in one place. */
export const limits = {
  /**
   * Shorter than the silence after which a connection is pinged, so an idle agent sends heartbeats and no
   * pings.
   */
  heartbeatMs: 25_000,
  /** Interval of polls without a signal of the host. The host signals each message that becomes due. */
  pollMs: 300_000,
  /** Messages of one prompt, if container.json does not say. */
  messagesPerPrompt: 10,
  /** Time for an interrupted turn to end by itself, before its CLI is killed. */
  interruptMs: 3_000,
  /** Time for an agent to report the input of a tool that it asks for. OpenCode 1.18.33 takes a few milliseconds. */
  toolReportMs: 10_000,
  /** Most attempts of a turn whose provider is unavailable, and the pause before each further attempt. */
  turnAttempts: 3,
  attemptPauseMs: 2_000,
  /** The runner exits if the host is away for longer. */
  hostAwayMs: 86_400_000,
  /**
   * Interval of the checks whether the session's folder exists, beside one before each connection to the host. Without
   * the folder the session is gone, and the runner exits.
   */
  folderMs: 10_000,
  /** Time for the host to answer a command of `ncl`. */
  nclAnswerMs: 30_000,
  /** Time for the command that a task runs first. */
  commandMs: 60_000,
  /** Bytes of that command's output that the agent gets. */
  commandBytes: 16_384,
  /** The runner exits if a call fails for longer; the host then starts another. */
  transportMs: 10_000,
  transportPauseMs: 100,
  /** Pause between two reports of what the agent is writing. */
  showTextMs: 150,
  systemMessages: 50,
  /** Size of a message's content as JSON. The host gives up messages with more than 256 KiB. */
  contentBytes: 200_000,
  /** Characters that are kept of a longer answer. Each takes at most six bytes of JSON. */
  cutCharacters: 30_000,
  /** Characters of the reason why a turn failed. An error of a provider may contain a whole log. */
  reasonCharacters: 2_000,
  /** Time between SIGTERM and the exit, even if a turn is still running. */
  endMs: 1_500,
} as const;
