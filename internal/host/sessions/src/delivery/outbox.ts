import type { InboundMessage } from "@gatehouse/session-rows/messages";

/** The outcome of one try to send an agent's message. */
export type Sent =
  | {
      readonly how: "delivered";
      readonly platformMessageId: string | null;
      /** The channel has written this outcome: with how many ends that count as told. */
      readonly noted?: number;
    }
  /** Tried again, at most `maxSends` times in all, unless `end` says that no other try is made. */
  | { readonly how: "failed"; readonly reason: string; readonly end?: "blocked" | "uncertain" }
  /** Tried again without a limit, because the cause is not the message; after `afterMs`, if the chat says when. */
  | { readonly how: "later"; readonly afterMs?: number }
  /** Its command is running, and will end the message. */
  | { readonly how: "running" };

/** State of an agent's messages that is not in the session's rows yet. */
export type Outbox = {
  /** Messages whose command is running. */
  readonly commands: Set<string>;
  /** By message, answers of finished commands that could not be written yet. */
  readonly answers: Map<string, InboundMessage>;
  /** By message, failed sends. `notBefore`: by `performance.now()`, ms. */
  readonly sends: Map<string, { readonly failures: number; readonly notBefore: number }>;
  /** By message, sent messages whose status could not be written yet, with the chat's own id. */
  readonly sent: Map<string, string | null>;
  /** Messages whose senders were told why no workload starts. */
  readonly toldOfWake: Set<string>;
};

export const emptyOutbox = (): Outbox => ({
  commands: new Set(),
  answers: new Map(),
  sends: new Map(),
  sent: new Map(),
  toldOfWake: new Set(),
});
