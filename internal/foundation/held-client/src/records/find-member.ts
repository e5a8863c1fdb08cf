import type { Result } from "@gatehouse/std";
import type { HeldAgent } from "./list-held.ts";

/** Why no agent was found for a name. */
export type NoSuchMember =
  | { readonly code: "no-such-member"; readonly name: string; readonly known: readonly string[] }
  | { readonly code: "ambiguous-member"; readonly name: string; readonly known: readonly string[] };

/** `team/member`, or `member` for an agent without a team. */
export const nameOf = ({ team, member }: Pick<HeldAgent, "team" | "member">): string =>
  team === null ? member : `${team}/${member}`;

/**
 * The agent of this name: `team/member`, or `member` if that is unique. Running agents take precedence over
 * ended ones.
 */
export const findMember = (agents: readonly HeldAgent[], name: string): Result<HeldAgent, NoSuchMember> => {
  const exact = agents.filter((agent) => nameOf(agent) === name);
  const named = exact.length > 0 ? exact : agents.filter(({ member }) => member === name);
  const alive = named.filter(({ state }) => state !== "ended");
  const [found, another] = alive.length > 0 ? alive : named;
  if (found !== undefined && another === undefined) return { ok: true, value: found };
  const known = (found === undefined ? agents : named).map(nameOf);
  return {
    ok: false,
    error: { code: found === undefined ? "no-such-member" : "ambiguous-member", name, known },
  };
};
