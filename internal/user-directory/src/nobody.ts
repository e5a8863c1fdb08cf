import type { Defaults, LoadError, UserSet } from "@nc/user-wizard";

export const noDefaults: Defaults = {
  workspace_base: null,
  model: null,
  agent_backend: null,
  max_budget: null,
};

/** What a users.yaml says that is not there, or empty. */
export const nobody: UserSet = { users: [], defaults: noDefaults };

/** Whether such a file is, for a host that knows nobody yet, one of nobody. */
export const isMissingOrEmpty = (error: LoadError): error is NobodysError =>
  error.code === "users-file-missing" || error.code === "users-file-empty";

type NobodysError = Extract<LoadError, { readonly code: "users-file-missing" | "users-file-empty" }>;
