/** The steps of a launch, in order. */
export const stepNames = [
  "environment",
  "plan-args",
  "early-patches",
  "members",
  "plan",
  "final-patches",
  "identity",
  "run",
  "worktrees",
  "execute",
  "clear",
  "bootstrap",
  "spawn",
  "settle",
] as const;

export type StepName = (typeof stepNames)[number];
