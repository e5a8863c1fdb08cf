/** How a send ended. */
export type Sent =
  | { readonly how: "delivered"; readonly platformMessageId: string | null }
  /** Tried again, at most `maxSends` times in all. */
  | { readonly how: "failed"; readonly reason: string }
  /** Tried again for as long as it takes: nothing is wrong with the message. */
  | { readonly how: "later" }
  /** Its command runs, and ends it. */
  | { readonly how: "running" };
