import type { Provider } from "@trust/preflight";
import type { TeamMember } from "../team/team.ts";

/** The arguments of a launch for the runtime that starts the agents, before or after trust is added. Never mutated. */
export type LaunchArguments = {
  /** The arguments of the lead's provider. */
  readonly primary: { readonly provider: Provider; readonly args: readonly string[] };
  /** One list for all members of other providers, which inherit it. */
  readonly crossProvider: readonly string[];
  /** For each provider of the team, the arguments for asking its CLI for facts and for the default model. */
  readonly byProvider: { readonly [P in Provider]?: readonly string[] };
};

/** The runtime's own arguments for a provider, before trust: forced logins, for example. */
export type ArgumentsByProvider = { readonly [P in Provider]?: readonly string[] };

/**
 * The arguments of a launch without trust. The lead's provider is the primary one. The arguments of the other providers
 * are concatenated in the order in which the team first names them.
 */
export const launchArguments = (
  members: readonly Pick<TeamMember, "role" | "provider">[],
  argumentsBy: ArgumentsByProvider,
): LaunchArguments => {
  const [first] = members;
  const primary = members.find(({ role }) => role === "lead") ?? first;
  if (primary === undefined) throw new TypeError("A launch has at least its lead.");
  const all = [...new Set([primary, ...members].map(({ provider }) => provider))];
  const argsOf = (provider: Provider): readonly string[] => argumentsBy[provider] ?? [];
  return {
    primary: { provider: primary.provider, args: argsOf(primary.provider) },
    crossProvider: all.filter((provider) => provider !== primary.provider).flatMap(argsOf),
    byProvider: Object.fromEntries(all.map((provider) => [provider, argsOf(provider)])),
  };
};
