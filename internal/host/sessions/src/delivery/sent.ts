/** The outcome of a send. */
export type Sent =
  | { readonly how: "delivered"; readonly platformMessageId: string | null }
  /** Tried again, at most `maxSends` times in all. */
  | { readonly how: "failed"; readonly reason: string }
  /** Tried again without a limit, because the cause is not the message. */
  | { readonly how: "later" }
  /** Its command is running, and will end the message. */
  | { readonly how: "running" };
