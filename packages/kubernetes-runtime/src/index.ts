export { installLabel, labelIn, podManifest, podName, type PodPlan, secretManifest } from "./pod-manifest.ts";
export { isOver, podSeen, type PodSeen } from "./pod-seen.ts";
export { podGone, podTrouble, type PodTrouble } from "./pod-trouble.ts";
export type { Result } from "@gatehouse/std";
