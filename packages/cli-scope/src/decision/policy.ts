import type { Scopes } from "./actor.ts";
import { type Rule, rules } from "./rules.ts";

/** Who may do what: the rules, and the names of the scopes that they are about. */
export type Policy = { readonly rules: readonly Rule[]; readonly scopes: Scopes };

/** The scopes of a host, which may bring a policy of its own. */
export const scopesOf = ({ policy = defaultPolicy }: { readonly policy?: Policy }): Scopes => policy.scopes;

/** The policy of a host that brings none of its own. */
export const defaultPolicy: Policy = {
  rules,
  scopes: { disabled: "nothing", group: "group", global: "everything" },
};
