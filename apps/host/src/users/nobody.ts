import type { Defaults, UserSet } from "@nc/user-wizard";

export const noDefaults: Defaults = {
  workspace_base: null,
  model: null,
  agent_backend: null,
  max_budget: null,
};

/** What a users.yaml says that is not there. */
export const nobody: UserSet = { users: [], defaults: noDefaults };
