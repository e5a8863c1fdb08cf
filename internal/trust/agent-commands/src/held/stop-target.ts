import type { Result } from "@gatehouse/std";
import { findMember, type HeldAgent, nameOf, type NoSuchMember } from "@gatehouse/held-client";

/** The target of `stop`: one agent; a team, with its running launch; or all. */
export type StopTarget =
  | { readonly who: "all" }
  | { readonly who: "team"; readonly team: string }
  | { readonly who: "agent"; readonly agent: HeldAgent };

/**
 * Finds the target that a name means. `TEAM/` is always a team. Without the slash, an agent without a team
 * takes precedence, since it has no other name; the name is ambiguous if both a team and a member of a team
 * have it.
 */
export const stopTargetOf = (
  name: string,
  agents: readonly HeldAgent[],
  launching: readonly string[],
): Result<StopTarget, NoSuchMember> => {
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

/** The agents of a target. */
export const agentsOfTarget = (target: StopTarget, agents: readonly HeldAgent[]): readonly HeldAgent[] => {
  switch (target.who) {
    case "all":
      return agents;
    case "team":
      return agents.filter(({ team }) => team === target.team);
    case "agent":
      return [target.agent];
  }
};
