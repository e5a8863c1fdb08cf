import type { Provider } from "@trust/preflight";

/**
 * The arguments of a launch, as the runtime that starts the agents takes them: before trust is added, or
 * after. Never changed in place.
 */
export type LaunchArguments = {
  /** Of the lead's provider. */
  readonly primary: { readonly provider: Provider; readonly args: readonly string[] };
  /** What members of other providers inherit, one list for all of them. */
  readonly crossProvider: readonly string[];
  /** For each provider of the team, the arguments by which its facts and its default model are asked for. */
  readonly byProvider: { readonly [P in Provider]?: readonly string[] };
};
