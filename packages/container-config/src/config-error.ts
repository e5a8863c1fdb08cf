/** A problem with one value. It does not hold the value, which may be a secret. */
export type ConfigProblem = {
  /** `model`, `mcp_servers.notes.env`. */
  readonly path: string;
  /** Continues the path: "is not one of ...". */
  readonly problem: string;
};

export type InvalidConfig = { readonly code: "invalid-config"; readonly problems: readonly ConfigProblem[] };

/** A row that was changed by hand, or partly restored. `problems` name its columns. */
export type UnreadableConfig = {
  readonly code: "unreadable-configuration";
  readonly groupId: string;
  readonly problems: readonly ConfigProblem[];
};
