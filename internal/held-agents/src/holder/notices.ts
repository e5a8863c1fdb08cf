import type { HeldNotice } from "../records/held-state.ts";

/** Of a CLI without a rule pack: its screen is not read, and it tells nothing else. */
export const readinessUnproven = (provider: string): HeldNotice => ({
  code: "readiness-unproven",
  message: `No rule reads the screen of ${provider}, so Gatehouse cannot tell when it is ready, or whether it asks something.`,
  fix: "Look: gatehouse screen. Then type to it: gatehouse attach.",
});

/** Of an agent whose first prompt was not taken. `why` says the reason. */
export const promptNotSent = (why: string): HeldNotice => ({
  code: "prompt-not-sent",
  message: `Its first prompt was not sent: ${why}`,
  fix: "Look: gatehouse screen. Then: gatehouse send.",
});
