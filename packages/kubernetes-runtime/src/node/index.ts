export { openCluster, type Cluster } from "./cluster.ts";
export { readPodTemplate, type TemplateError } from "./read-pod-template.ts";
export { startWait, type StartWait } from "./start-wait.ts";
export { kubeAccess, type KubeAccess, type KubeError } from "./kube-config.ts";
export type { Credentials } from "./exec-plugin.ts";
