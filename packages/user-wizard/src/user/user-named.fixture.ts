import type { User } from "./user.ts";

/** An entry with only the required fields. */
export const userNamed = (name: string, over: Partial<User> = {}): User => ({
  telegram_id: 1,
  slack: null,
  discord: null,
  name,
  role: "user",
  os_user: null,
  github: null,
  home_workspace: null,
  workspace_base: null,
  model: null,
  agent_backend: null,
  llm_provider: null,
  max_budget: null,
  timeout: null,
  context_window: null,
  github_repos: null,
  github_notify_chat_id: null,
  pr_review: null,
  issue_triage: null,
  ...over,
});
