/** What the group's agent may do with the admin CLI: nothing, things of its own group, or everything. */
export type Scope = "disabled" | "group" | "global";

/** From the narrowest to the widest. */
export const scopes: readonly ["disabled", "group", "global"] = ["disabled", "group", "global"];

/** The narrowest of these; `global` without any. */
export const narrowest = (...of: readonly Scope[]): Scope =>
  scopes.find((scope) => of.includes(scope)) ?? "global";
