export { openPods, type Pods, type PodsOptions } from "./pods.ts";
