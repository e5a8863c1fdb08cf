import { providers, type Provider } from "@gatehouse/std";

/** Who may administer the host, and who may only use it. */
export type Role = "admin" | "user";

/**
 * What may answer for a user: a provider, or goose. Existing users.yaml files name goose, so it is read and kept; it is no
 * provider, and no package prepares or starts it.
 */
export type Backend = Provider | "goose";
export const backends: readonly Backend[] = [...providers, "goose"];

/** One person, as the file's entry says it: null where it says nothing. The keys are those of users.yaml. */
export type User = {
  readonly telegram_id: number;
  readonly name: string;
  readonly role: Role;
  /** The account whose rights the agent has. Null: those of the service itself. */
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
  /** Tokens; 0 is the model's own. */
  readonly context_window: number | null;
  readonly github_repos: readonly string[] | null;
  readonly github_notify_chat_id: number | null;
  readonly pr_review: boolean | null;
  readonly issue_triage: boolean | null;
};

/** What holds for everybody whose entry says nothing: the file's `defaults:`. */
export type Defaults = Pick<User, "workspace_base" | "model" | "agent_backend" | "max_budget">;

/** A users.yaml that was read whole, without a problem. */
export type UserSet = { readonly users: readonly User[]; readonly defaults: Defaults };

export const noDefaults: Defaults = {
  workspace_base: null,
  model: null,
  agent_backend: null,
  max_budget: null,
};
