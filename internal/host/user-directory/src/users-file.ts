import { join, resolve } from "node:path";

/** The path of users.yaml: `named`, else `users.yaml` in the data folder. */
export const usersFileOf = (dataDir: string, named?: string): string =>
  named === undefined ? join(dataDir, "users.yaml") : resolve(named);
