/** Times and counts of the runner, in one place. */
export const limits = {
  /** Shorter than the time after which a silent connection is pinged: so a beat is all that an idle agent costs. */
  heartbeatMs: 15_000,
  /** Between two questions to the host, if it says nothing by itself, which it does for each message that is due. */
  pollMs: 60_000,
  /** Messages of one prompt, if container.json does not say. */
  messagesPerPrompt: 10,
  /** How often a turn is tried whose provider is unavailable, and the pause before each further try. */
  turnAttempts: 3,
  attemptPauseMs: 2_000,
  /** A host that is away for longer ends the runner. */
  hostAwayMs: 86_400_000,
  /** Between two looks whether the session's folder is still there: without it nobody wants the runner. */
  folderMs: 2_000,
  /** For a command of `ncl` to be answered by the host. */
  nclAnswerMs: 30_000,
  /** A transport that fails longer than this ends the runner: the host starts another. */
  transportMs: 10_000,
  transportPauseMs: 100,
  systemMessages: 50,
  /** Of a message's content as JSON. The host gives up what has more than 256 KiB. */
  contentBytes: 200_000,
  /** What is kept of a longer answer, characters: each is at most six bytes of JSON. */
  cutCharacters: 30_000,
  /** Why a turn failed, characters: what a provider throws may be a whole log. */
  reasonCharacters: 2_000,
  /** From SIGTERM to the end, whatever is still in work. */
  endMs: 1_500,
} as const;
