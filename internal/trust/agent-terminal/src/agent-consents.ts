import { impliedConsents, type Consents } from "@trust/dialog-engine";

/**
 * The consents for the agent's own dialogs: the caller's, without trust. The preflight has already proven
 * trust for the named folder. An agent that still asks for trust runs in another folder (for example, the
 * named one was replaced by a link to `/`), so a person has to look.
 */
export const agentConsents = (given: Consents): Consents => {
  const all = { ...impliedConsents, ...given };
  return Object.fromEntries(Object.entries(all).filter(([kind]) => kind !== "trust"));
};
