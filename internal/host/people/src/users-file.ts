import { join, resolve } from "node:path";
import { noDefaults, type LoadError, type UserSet } from "@nc/user-wizard";

/** The path of users.yaml: `named`, else `users.yaml` in the data folder. */
export const usersFileOf = (dataDir: string, named?: string): string =>
  named === undefined ? join(dataDir, "users.yaml") : resolve(named);

/** The empty user set of a missing or empty users.yaml. */
export const noUsers: UserSet = { users: [], defaults: noDefaults };

type MissingOrEmpty = Extract<LoadError, { readonly code: "users-file-missing" | "users-file-empty" }>;

/** True for a missing or empty file. If no users are loaded yet, such a file means an empty list. */
export const isMissingOrEmpty = (error: LoadError): error is MissingOrEmpty =>
  error.code === "users-file-missing" || error.code === "users-file-empty";
