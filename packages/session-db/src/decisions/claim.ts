/** What becomes of a message whose container ended while it was in work. */
export type AfterEnd =
  | { readonly status: "pending"; readonly tries: number; readonly waitMs: number }
  | { readonly status: "failed"; readonly tries: number; readonly reason: string };

/** Tries counts this one: `maxTries` containers may end on one message. */
export const afterContainerEnded = (
  triesBefore: number,
  maxTries: number,
  backoffMs: (tries: number) => number,
): AfterEnd => {
  const tries = triesBefore + 1;
  if (tries < maxTries) return { status: "pending", tries, waitMs: backoffMs(tries) };
  return {
    status: "failed",
    tries,
    reason: `The agent's process ended ${tries === 1 ? "once" : `${tries} times`} while it worked on this message.`,
  };
};
