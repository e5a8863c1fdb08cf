export { openPods, type Pods } from "./pods.ts";
export type { PodsOptions } from "./pods-options.ts";
