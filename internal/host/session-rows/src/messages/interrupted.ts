/** Why a message failed whose turn a person's order interrupted. */
export const interruptedBy = (order: "clear" | "stop"): string => `Interrupted by /${order}.`;

/** True for the reason of an interrupted message. The order itself has an answer, so people read one of the two. */
export const isInterrupted = (reason: string): boolean =>
  reason === interruptedBy("clear") || reason === interruptedBy("stop");
