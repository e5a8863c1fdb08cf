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
 * What separates a group's agent from the machine: `process`, nothing but its account; `sandbox`, namespaces of the system
 * and the machine's own programs; `container`, a container of its own.
 */
export type Isolation = "process" | "sandbox" | "container";

/** All isolations, from the weakest to the strongest. */
export const isolations: readonly ["process", "sandbox", "container"] = ["process", "sandbox", "container"];

/** An isolation that this build does not know counts as the strongest, so that it does not lower a group's. */
const levelOf = (isolation: Isolation): number => {
  const level = isolations.indexOf(isolation);
  return level === -1 ? isolations.length - 1 : level;
};

/** The strongest of these; the weakest of all without any. */
export const strongest = (...of: readonly Isolation[]): Isolation =>
  isolations[Math.max(0, ...of.map(levelOf))] ?? "container";

/** True if the first isolation is weaker than the second. */
export const isWeaker = (one: Isolation, other: Isolation): boolean => levelOf(one) < levelOf(other);

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
