import type { RuntimeError } from "../../runtime-result.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";

/**
 * Words of an engine that could not connect a container. Podman names its helper: netavark, CNI, slirp4netns or pasta.
 */
const aboutNetwork = /\b(?:networks?|bridge|netavark|aardvark|CNI|slirp4netns|pasta|iptables|nftables?)\b/i;

/** The same refusal of a container; if its network is the cause, with a sentence about it and the ways out. */
export const networkProblem = (
  error: RuntimeError,
  { network }: Pick<WorkloadSpec, "network">,
): RuntimeError =>
  network === "open" && error.code === "spawn-failed" && aboutNetwork.test(error.message)
    ? noBridge(error.message)
    : error;

/** The error for a container with the network `open` that gets no bridge. `reason` is the engine's. */
export const noBridge = (reason: string): RuntimeError => ({
  code: "unsupported",
  message: `The engine has no bridge network for a container with network open. ${sentence(reason)} Repair the engine's network, or give the group the network gateway again.`,
});

const sentence = (text: string): string => text.trim().replace(/[.]?$/, ".");
