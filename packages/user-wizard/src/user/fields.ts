import { personIds } from "@gatehouse/std";
import {
  accountName,
  chatId,
  contextWindow,
  displayName,
  folderPath,
  matching,
  oneOf,
  positiveNumber,
  repositories,
  trueOrFalse,
  wholeNumber,
  type Accept,
} from "./accept.ts";
import { backends, type Role, type User } from "./user.ts";

/**
 * How a person types a value: `list` with commas, `yes-no` as a word, `folder` also relative to a base. `digits` are a text, of
 * which a number would lose the last ones.
 */
export type FieldKind = "text" | "digits" | "number" | "list" | "yes-no" | "folder";

/**
 * How a changed value affects a running host. No field needs a restart today. A field that is not used
 * (`isUsed`) is `live`: ending a session for it would change nothing.
 */
export type ChangeEffect = "live" | "ends-sessions" | "needs-restart";

export type Field<T = unknown> = {
  /** The text of a prompt. */
  readonly label: string;
  readonly kind: FieldKind;
  /** Completes the sentence "must be ...". */
  readonly expects: string;
  readonly accept: Accept<T>;
  /** The value to use if neither the entry nor `defaults:` has one. */
  readonly absent: T | null;
  /**
   * `in-file`: an entry without it is refused. `to-add`: a new entry needs it, an existing one does not. `one-id`: an
   * entry needs at least one of these fields.
   */
  readonly needed: "in-file" | "one-id" | "to-add" | "no";
  /** The platform on which the value is the person's id, as the part before the colon in `telegram:7`; else null. */
  readonly platform: string | null;
  /** Asked for by prompt and flag. The other fields are only read from the file. */
  readonly asked: boolean;
  /** Taken from the file's `defaults:` if the entry has no value. */
  readonly inherits: boolean;
  readonly onChange: ChangeEffect;
  /** False if the value is only written down: no part of Gatehouse's host acts on it yet. */
  readonly isUsed: boolean;
};

/** The mark of an unused field in its question and in a flag's help. */
export const notUsedYet = "[not used yet]";

type Rows = { readonly [Key in keyof User]: Field<NonNullable<User[Key]>> };

const optional = {
  absent: null,
  needed: "no",
  platform: null,
  asked: true,
  inherits: false,
  onChange: "live",
  isUsed: false,
} as const;

const roles: readonly Role[] = ["admin", "user"];
const slug = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,199}$/;

/**
 * All facts about the fields of a users.yaml entry: a row for each key, in the order in which an entry is
 * written. To add a field, add a row here and a line in `User`; the compiler reports either one if the other
 * is missing.
 */
export const fields: Rows = {
  telegram_id: {
    ...optional,
    label: "Telegram id (the chat with the bot)",
    kind: "number",
    expects: "a whole number above 0",
    accept: wholeNumber(1),
    needed: "one-id",
    platform: "telegram",
    isUsed: true,
  },
  slack: {
    ...optional,
    label: "Slack workspace and user (as T1:U2)",
    kind: "text",
    expects: "a workspace and a user of it, as T1:U2",
    accept: matching(personIds.slack.form),
    needed: "one-id",
    platform: "slack",
    isUsed: true,
  },
  discord: {
    ...optional,
    label: "Discord user id",
    kind: "digits",
    expects: "the id of a user, 15 to 20 digits",
    accept: matching(personIds.discord.form),
    needed: "one-id",
    platform: "discord",
    isUsed: true,
  },
  name: {
    ...optional,
    label: "Name",
    kind: "text",
    expects: "1 to 100 printable characters, without ` $ \\ | ; & < >",
    accept: displayName,
    needed: "in-file",
    isUsed: true,
  },
  role: {
    ...optional,
    label: "Role",
    kind: "text",
    expects: "admin or user",
    accept: oneOf(roles),
    absent: "user",
    isUsed: true,
  },
  os_user: {
    ...optional,
    label: "OS account the agent runs as",
    kind: "text",
    expects: "the name of an account (letters, digits, . _ -; not digits alone, and not capitals alone)",
    accept: accountName,
    needed: "to-add",
    onChange: "ends-sessions",
    isUsed: true,
  },
  github: {
    ...optional,
    label: "GitHub login",
    kind: "text",
    expects: "a GitHub login (letters, digits, - and _)",
    accept: matching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$/),
  },
  home_workspace: {
    ...optional,
    label: "Home workspace",
    kind: "folder",
    expects: "an absolute folder, or one that begins with ~/",
    accept: folderPath,
    asked: false,
  },
  workspace_base: {
    ...optional,
    label: "Folder that holds the workspaces",
    kind: "folder",
    expects: "an absolute folder, or one that begins with ~/",
    accept: folderPath,
    inherits: true,
  },
  model: {
    ...optional,
    label: "Model",
    kind: "text",
    expects: "the name of a model",
    accept: matching(slug),
    inherits: true,
    isUsed: true,
  },
  agent_backend: {
    ...optional,
    label: "Agent backend",
    kind: "text",
    expects: `one of ${backends.join(", ")}`,
    accept: oneOf(backends),
    inherits: true,
    isUsed: true,
  },
  llm_provider: {
    ...optional,
    label: "Provider",
    kind: "text",
    expects: "the name of a provider",
    accept: matching(slug),
    asked: false,
  },
  max_budget: {
    ...optional,
    label: "Budget",
    kind: "number",
    expects: "a number above 0",
    accept: positiveNumber,
    inherits: true,
    isUsed: true,
  },
  timeout: {
    ...optional,
    label: "Seconds a turn may take",
    kind: "number",
    expects: "a whole number from 1 to 600",
    accept: wholeNumber(1, 600),
    asked: false,
  },
  context_window: {
    ...optional,
    label: "Tokens of context",
    kind: "number",
    expects: "0, or a whole number from 50000 to 1000000",
    accept: contextWindow,
    asked: false,
  },
  github_repos: {
    ...optional,
    label: "GitHub repositories (owner/repo, with commas)",
    kind: "list",
    expects: "a list of owner/repo, each once",
    accept: repositories,
  },
  github_notify_chat_id: {
    ...optional,
    label: "Telegram chat for GitHub notices",
    kind: "number",
    expects: "a whole number that is not 0 (a group's is negative)",
    accept: chatId,
  },
  pr_review: {
    ...optional,
    label: "Review pull requests",
    kind: "yes-no",
    expects: "true or false",
    accept: trueOrFalse,
  },
  issue_triage: {
    ...optional,
    label: "Triage issues",
    kind: "yes-no",
    expects: "true or false",
    accept: trueOrFalse,
  },
};

/** A key of an entry. */
export type FieldKey = keyof User;

export const fieldKeys: readonly FieldKey[] = Object.keys(fields) as FieldKey[];

/** The keys allowed in `defaults:`. */
export const inheritedKeys: readonly FieldKey[] = fieldKeys.filter((key) => fields[key].inherits);

/** The row of a key, for code in which the key is a variable. */
export const fieldOf = (key: FieldKey): Field => fields[key];

/** The text of a field's question. */
export const questionOf = (key: FieldKey): string => {
  const { label, isUsed } = fields[key];
  return isUsed ? label : `${label} ${notUsedYet}`;
};
