import type { HeldNotice } from "@gatehouse/held-client/records";

/**
 * For a CLI without a rule pack: Gatehouse cannot read its screen, and the CLI reports its state in no other
 * way.
 */
export const readinessUnproven = (provider: string): HeldNotice => ({
  code: "readiness-unproven",
  message: `No rule reads the screen of ${provider}, so Gatehouse cannot tell when it is ready, or whether it asks something.`,
  fix: "Look: gatehouse screen. Then type to it: gatehouse attach.",
});

/** For an agent that did not take its first prompt. `why` is the reason. */
export const promptNotSent = (why: string): HeldNotice => ({
  code: "prompt-not-sent",
  message: `Its first prompt was not sent: ${why}`,
  fix: "Look: gatehouse screen. Then: gatehouse send.",
});
