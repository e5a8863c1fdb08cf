import { providers, type Provider } from "@gatehouse/provider-facts";

/** An admin may administer the host; a user may only use it. */
export type Role = "admin" | "user";

/**
 * The backend of a user's agent: a provider, or goose. Existing users.yaml files name goose, so it is read
 * and kept. It is not a provider, and no package prepares or starts it.
 */
export type Backend = Provider | "goose";
export const backends: readonly Backend[] = [...providers, "goose"];

/** One person's entry in the file. A null field has no value there. The keys are those of users.yaml. */
export type User = {
  readonly telegram_id: number | null;
  /** `TEAM:USER`. */
  readonly slack: string | null;
  /** Digits. An entry has one or more of these three ids. */
  readonly discord: string | null;
  readonly name: string;
  readonly role: Role;
  /** The account whose rights the agent has. Null means the service's own account. */
  readonly os_user: string | null;
  readonly github: string | null;
  readonly home_workspace: string | null;
  readonly workspace_base: string | null;
  readonly model: string | null;
  readonly agent_backend: Backend | null;
  readonly llm_provider: string | null;
  readonly max_budget: number | null;
  /** Seconds. */
  readonly timeout: number | null;
  /** Tokens; 0 means the model's own size. */
  readonly context_window: number | null;
  readonly github_repos: readonly string[] | null;
  readonly github_notify_chat_id: number | null;
  readonly pr_review: boolean | null;
  readonly issue_triage: boolean | null;
};

/** Values for all entries that do not set their own: the file's `defaults:`. */
export type Defaults = Pick<User, "workspace_base" | "model" | "agent_backend" | "max_budget">;

/** The content of a users.yaml that was read without a problem. */
export type UserSet<U extends User = User> = { readonly users: readonly U[]; readonly defaults: Defaults };

export const noDefaults: Defaults = {
  workspace_base: null,
  model: null,
  agent_backend: null,
  max_budget: null,
};
