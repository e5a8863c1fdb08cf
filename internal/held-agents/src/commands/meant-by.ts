import type { Result } from "@gatehouse/std";
import { findMember, nameOf, type NoSuchMember } from "../records/find-member.ts";
import type { HeldAgent } from "../records/list-held.ts";

/** Who is to be stopped: one agent; a team, with its launch that is at work; or all. */
export type Meant =
  | { readonly who: "all" }
  | { readonly who: "team"; readonly team: string }
  | { readonly who: "agent"; readonly agent: HeldAgent };

/**
 * What a name stands for. `TEAM/` is always a team; without the slash an agent goes before it that has no other
 * name, and one that is called so in a team makes the name ambiguous.
 */
export const meantBy = (
  name: string,
  agents: readonly HeldAgent[],
  launching: readonly string[],
): Result<Meant, NoSuchMember> => {
  const found = findMember(agents, name);
  if (found.ok && nameOf(found.value) === name)
    return { ok: true, value: { who: "agent", agent: found.value } };
  const team = name.endsWith("/") ? name.slice(0, -1) : name;
  const isTeam = launching.includes(team) || agents.some((agent) => agent.team === team);
  const isMember = found.ok || found.error.code === "ambiguous-member";
  if (isTeam && isMember) {
    const known = [`${team}/`, ...agents.filter(({ member }) => member === name).map(nameOf)];
    return { ok: false, error: { code: "ambiguous-member", name, known } };
  }
  if (isTeam) return { ok: true, value: { who: "team", team } };
  return found.ok ? { ok: true, value: { who: "agent", agent: found.value } } : found;
};

/** The agents that are meant. */
export const agentsMeant = (meant: Meant, agents: readonly HeldAgent[]): readonly HeldAgent[] => {
  switch (meant.who) {
    case "all":
      return agents;
    case "team":
      return agents.filter(({ team }) => team === meant.team);
    case "agent":
      return [meant.agent];
  }
};
