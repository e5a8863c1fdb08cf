export {
  hostLabel,
  installLabel,
  labelIn,
  type NamedPlan,
  podManifest,
  podName,
  type PodPlan,
  secretManifest,
  sessionLabel,
} from "./pod-manifest.ts";
export { hasEnded, isHeld, isOver, mayRun, podSeen, type PodSeen } from "./pod-seen.ts";
export { podTemplateIn, type ClaimTemplate, type PodTemplate } from "./pod-template.ts";
export { podGone, podTrouble, type PodTrouble } from "./pod-trouble.ts";
export type { Result } from "@gatehouse/std";
