import type { Scopes } from "./actor.ts";
import { type Rule, rules } from "./rules.ts";

/** The rules of access, and the names of the scopes that they use. */
export type Policy = { readonly rules: readonly Rule[]; readonly scopes: Scopes };

/** The scopes of a host: those of its own policy, else of the default policy. */
export const scopesOf = ({ policy = defaultPolicy }: { readonly policy?: Policy }): Scopes => policy.scopes;

/** The policy of a host that has no policy of its own. */
export const defaultPolicy: Policy = {
  rules,
  scopes: { disabled: "nothing", group: "group", global: "everything" },
};
