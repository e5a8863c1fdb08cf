/** The reach of a group's agent with the admin CLI: nothing, its own group, or everything. */
export type Scope = "disabled" | "group" | "global";

/** All scopes, from the narrowest to the widest. */
export const scopes: readonly ["disabled", "group", "global"] = ["disabled", "group", "global"];

/** The narrowest of these; `global` without any. */
export const narrowest = (...of: readonly Scope[]): Scope =>
  scopes.find((scope) => of.includes(scope)) ?? "global";
