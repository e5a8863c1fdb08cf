/**
 * The scopes of the default policy: an agent group may use no command, commands on its own group, or all
 * commands.
 */
export type Scope = "disabled" | "group" | "global";

/** The reach of an agent of a scope. */
export type ScopeReach = "nothing" | "group" | "everything";

/** The names of a host's scopes, and the reach of each. */
export type Scopes = Readonly<Record<string, ScopeReach>>;

/**
 * An agent: the session whose transport carried the frame. The frame itself never names it. With
 * `simulatedBy` there is no session (`sessionId` is empty): the operator asked with `--as-group`.
 */
export type AgentActor = {
  readonly type: "agent";
  readonly sessionId: string;
  readonly groupId: string;
  readonly messagingGroupId: string | null;
  readonly simulatedBy?: "host";
};

/** `account` is for the decision log: the account or the person that uses the rights of the host, if known. */
export type HostActor = { readonly type: "host"; readonly account?: string };

/**
 * The caller, as the transport identifies it. `host` can open the socket: it is the operator, and counts as
 * owner. `user` is a person known by a channel, who may only answer approvals.
 */
export type Actor = HostActor | { readonly type: "user"; readonly userId: string } | AgentActor;

/**
 * The store's record of an agent at the time of a call. Without a configuration the scope is `group`.
 */
export type Authorization = {
  /** The name of one of the policy's scopes; a `Scope` by default. */
  readonly scope: string;
  /** The wiring of the session's conversation, if it has one. */
  readonly wiringId: string | null;
};
