import { providers, resolveProvider } from "./provider.ts";

/** The level that decided a value; `default` if no level has one. */
export type DecidedBy = "session" | "person" | "group" | "default";

/** A value, and the level that decided it. */
export type Decided<T> = { readonly value: T; readonly from: DecidedBy };

/** The values of the three levels. Null, undefined and the empty text are unset. */
export type AgentSources = {
  /** `agent_model_provider`: the provider that the session had when it was given its model. */
  readonly session: {
    readonly agent_provider: string | null;
    readonly agent_model: string | null;
    readonly agent_model_provider: string | null;
  };
  /** The entry of the session's person in users.yaml; null for a session of no person, or of several. */
  readonly person: {
    readonly agent_backend?: string | null | undefined;
    readonly model?: string | null | undefined;
  } | null;
  readonly group: { readonly provider: string | null; readonly model: string | null };
};

/** The provider of a session's agent, in lower case, and its model; a null model leaves the choice to the CLI. */
export type AgentChoice = { readonly provider: Decided<string>; readonly model: Decided<string | null> };

/**
 * Decides the provider and the model of a session's agent. The session's own value wins, then the person's,
 * then the group's. A model counts only for the provider that it was given for: a session's for the provider
 * that the session had then, a person's for their `agent_backend`, or for the group's provider if they name
 * none, and a group's for the group's provider. An `agent_backend` that is no provider, such as goose, is
 * passed over together with the person's model.
 */
export const resolveAgent = ({ session, person, group }: AgentSources): AgentChoice => {
  const groups = resolveProvider({ agent_provider: null }, group);
  const backend = person?.agent_backend?.toLowerCase() || null;
  const persons = providers.some((name) => name === backend) ? backend : null;
  const provider: Decided<string | null> = firstSet([
    { value: session.agent_provider, from: "session" },
    { value: persons, from: "person" },
    { value: group.provider, from: "group" },
  ]);
  const resolved = (provider.value ?? groups).toLowerCase();
  const models: readonly GivenModel[] = [
    { value: session.agent_model, from: "session", for: session.agent_model_provider },
    { value: person?.model ?? null, from: "person", for: backend ?? groups },
    { value: group.model, from: "group", for: groups },
  ];
  return {
    provider: { value: resolved, from: provider.from },
    model: firstSet(models.filter((model) => model.for === resolved)),
  };
};

/** A model with the provider that it was given for. */
type GivenModel = Decided<string | null> & { readonly for: string | null };

const firstSet = (levels: readonly Decided<string | null>[]): Decided<string | null> => {
  const { value, from } = levels.find((level) => level.value) ?? { value: null, from: "default" };
  return { value, from };
};

/**
 * True if the present choice differs from a running agent's because of its session or its person. A change of the
 * group alone does not count: the operator restarts its agents.
 */
export const hasAgentChanged = (running: AgentChoice, now: AgentChoice): boolean =>
  running.provider.value === now.provider.value
    ? differsByOwn(running.model, now.model)
    : differsByOwn(running.provider, now.provider);

const differsByOwn = (one: Decided<string | null>, other: Decided<string | null>): boolean =>
  one.value !== other.value && [one.from, other.from].some((from) => from === "session" || from === "person");
