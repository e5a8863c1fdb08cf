import type { InboundMessage, SessionState } from "@nc/session-db";

/** What a host remembers of the messages of one session's agent until the rows know it. */
export type Outbox = {
  /** Messages whose command runs. */
  readonly commands: Set<string>;
  /** Answers of commands that ran, and could not be written down yet, by message. */
  readonly answers: Map<string, InboundMessage>;
  /** Sends that failed, by message. `notBefore`: ms since the epoch. */
  readonly sends: Map<string, { readonly failures: number; readonly notBefore: number }>;
  /** Messages that were sent, and could not be written down yet, with the chat's id of each. */
  readonly sent: Map<string, string | null>;
  /** Messages whose answer was sent and whose end is not known yet. */
  readonly answered: Set<string>;
  /** Messages that ended, of which the channels are not told yet. */
  readonly ends: SessionState["ended"][number][];
  /** Messages whose senders were told why no workload starts. */
  readonly toldOfWake: Set<string>;
};

export const emptyOutbox = (): Outbox => ({
  commands: new Set(),
  answers: new Map(),
  sends: new Map(),
  sent: new Map(),
  answered: new Set(),
  ends: [],
  toldOfWake: new Set(),
});
