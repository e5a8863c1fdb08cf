/** The reach of a group's agent with the admin CLI: nothing, its own group, or everything. */
export type Scope = "disabled" | "group" | "global";

/** All scopes, from the narrowest to the widest. */
export const scopes: readonly ["disabled", "group", "global"] = ["disabled", "group", "global"];

/** The narrowest of these; `global` without any. */
export const narrowest = (...of: readonly Scope[]): Scope =>
  scopes.find((scope) => of.includes(scope)) ?? "global";

/**
 * The network that an agent reaches from its container: `gateway`, only the models, through the host's gateway;
 * `open`, everything that the machine reaches. There is no `none`: without the gateway an agent reaches no
 * model.
 */
export type Network = "gateway" | "open";

export const networks: readonly ["gateway", "open"] = ["gateway", "open"];

/**
 * The rule for tools that the CLI of a group's agent asks for: `ask` a person, `allow-read` allows tools that only
 * read and asks for the others, `allow-all`, or `deny`.
 */
export type ToolPolicy = "ask" | "allow-read" | "allow-all" | "deny";

export const toolPolicies: readonly ["ask", "allow-read", "allow-all", "deny"] = [
  "ask",
  "allow-read",
  "allow-all",
  "deny",
];
