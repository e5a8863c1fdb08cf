/** The new state of a message whose container exited while the message was in work. */
export type AfterEnd =
  | { readonly status: "pending"; readonly tries: number; readonly waitMs: number }
  | { readonly status: "failed"; readonly tries: number; readonly reason: string };

/** `tries` counts the container that just exited: after `maxTries` of them the message has failed. */
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
