import { impliedConsents, type Consents } from "@trust/dialog-engine";

/**
 * What the agent's own dialogs are answered with: the caller's consents, but not the one to trust. The preflight has
 * proven trust for the folder that was named; an agent that asks all the same stands somewhere else by now (the folder
 * was replaced by a link to `/`, say), and that is a person's to look at.
 */
export const agentConsents = (given: Consents): Consents => {
  const all = { ...impliedConsents, ...given };
  return Object.fromEntries(Object.entries(all).filter(([kind]) => kind !== "trust"));
};
