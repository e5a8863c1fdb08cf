/**
 * The network that an agent reaches from its container: `gateway`, the models alone, by the host's gateway;
 * `open`, everything that the machine reaches. There is no `none`: without the gateway an agent reaches no
 * model.
 */
export type Network = "gateway" | "open";

export const networks: readonly ["gateway", "open"] = ["gateway", "open"];
