import type { Provider } from "@trust/preflight";

/** The arguments of a launch for the runtime that starts the agents, before or after trust is added. Never mutated. */
export type LaunchArguments = {
  /** The arguments of the lead's provider. */
  readonly primary: { readonly provider: Provider; readonly args: readonly string[] };
  /** One list for all members of other providers, which inherit it. */
  readonly crossProvider: readonly string[];
  /** For each provider of the team, the arguments for asking its CLI for facts and for the default model. */
  readonly byProvider: { readonly [P in Provider]?: readonly string[] };
};
