/** The scopes of the default policy. An agent group may do nothing with the CLI, things of its own group, or everything. */
export type Scope = "disabled" | "group" | "global";

/** What an agent of a scope reaches. */
export type ScopeReach = "nothing" | "group" | "everything";

/** The names of a host's scopes, and what each reaches. */
export type Scopes = Readonly<Record<string, ScopeReach>>;

/** An agent: the session whose transport carried the frame. Never taken from the frame itself. */
export type AgentActor = {
  readonly type: "agent";
  readonly sessionId: string;
  readonly groupId: string;
  readonly messagingGroupId: string | null;
};

/**
 * Who calls. The transport says so: `host` is whoever may open the socket (the operator, who counts as owner), `user` a person
 * known by a channel, who may only answer approvals.
 */
export type Actor =
  { readonly type: "host" } | { readonly type: "user"; readonly userId: string } | AgentActor;

/** What the store says of an agent at the moment of a call. Without a configuration the scope is `group`. */
export type Authorization = {
  /** A name in the scopes of the host's policy: `Scope` by default. */
  readonly scope: string;
  /** The wiring of the conversation that the session is in, if there is one. */
  readonly wiringId: string | null;
};
