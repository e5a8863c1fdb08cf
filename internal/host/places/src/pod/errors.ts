import type { Failure } from "@gatehouse/cli-kit";
import type { RuntimeError } from "@nc/container-runtime";
import type { PodTrouble } from "@nc/kubernetes-runtime";

/** What the cluster says, as an error of a runtime. */
export const errorOf = (error: Failure): RuntimeError => ({
  code: error.code === "cluster-refused" ? "spawn-failed" : "runtime-unavailable",
  message: error.message,
  ...(error.fix === undefined ? {} : { fix: `Fix: ${error.fix}.` }),
});

/** The flags of `gatehouse up` that mend a Pod's trouble. */
const flags: Readonly<Record<string, string>> = {
  "image-name": "--kubernetes-image",
  "template-container": "--pod-template",
  volume: "--pod-template",
  "not-connected": "--agents-dial and --listen",
};

/** What mends a Pod's trouble, with the flag of the host. */
export const mendOf = ({ code, fix }: PodTrouble): string => {
  const flag = flags[code];
  return flag === undefined ? `Fix: ${fix}.` : `Fix: ${fix} (gatehouse up ${flag}).`;
};

export const hostStops: RuntimeError = { code: "runtime-unavailable", message: "The host stops." };
