export { hostLabel, labelIn, podName, type PodPlan, sessionLabel } from "./pod-manifest.ts";
export { agentIn, hasEnded, isHeld, isOver, mayRun, type PodSeen } from "./pod-seen.ts";
export { type ClaimTemplate, type PodTemplate } from "./pod-template.ts";
export { podGone, podTrouble, type PodTrouble } from "./pod-trouble.ts";
export type { Result } from "@gatehouse/std";
