import type { RuntimeError } from "@nc/container-runtime";
import type { KubeError } from "@nc/kubernetes-runtime/node";

/** What the cluster says, as an error of a runtime. */
export const errorOf = (error: KubeError): RuntimeError => ({
  code: error.code === "cluster-refused" ? "spawn-failed" : "runtime-unavailable",
  message: error.message,
  ...(error.fix === undefined ? {} : { fix: `Fix: ${error.fix}.` }),
});

/** What the cluster says, with the fix. */
export const sentence = ({ message, fix }: KubeError): string =>
  fix === undefined ? message : `${message} Fix: ${fix}.`;

export const hostStops: RuntimeError = { code: "runtime-unavailable", message: "The host stops." };
