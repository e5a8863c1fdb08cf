import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished } from "vitest";
import type { CheckModel } from "@gatehouse/agent-clis";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Central } from "@gatehouse/central-database";
import { openUsers, type Users, type UserSessions } from "./reload-users.ts";

/** An entry of users.yaml with these keys, in this order. */
export const entry = (keys: Readonly<Record<string, unknown>>): string =>
  Object.entries(keys)
    .map(([key, value], index) => `${index === 0 ? "  - " : "    "}${key}: ${JSON.stringify(value)}\n`)
    .join("");

export const usersYaml = (...entries: readonly Readonly<Record<string, unknown>>[]): string =>
  entries.length === 0 ? "users: []\n" : `users:\n${entries.map(entry).join("")}`;

/** The users of a host, with a real database and a users.yaml. */
export type UsersFixture = {
  readonly central: Central;
  readonly usersFile: string;
  readonly users: Users;
  /** The calls of `endSessions`, in order: `end telegram:1 at-once`. */
  readonly asked: string[];
  /** The events of the log, in order. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  /** How often agents were asked to follow the changes. */
  readonly refreshed: () => number;
  write(text: string): void;
  /** Opens the users of another host on the same database, as after a restart. */
  restarted(): Promise<Users>;
};

/** A CLI that takes every name. */
const takesAll: CheckModel = async () => ({ unknown: [], notes: [], unasked: null });

export const usersFixture = async (
  checkModel: CheckModel = takesAll,
  accountProblem: string | null = null,
): Promise<UsersFixture> => {
  const folder = temporaryFolder();
  const central = await openedCentral(folder);
  const usersFile = join(folder, "users.yaml");
  const [asked, bugs]: [string[], unknown[]] = [[], []];
  let refreshed = 0;
  const logged: Readonly<Record<string, unknown>>[] = [];
  onTestFinished(() => expect(bugs).toEqual([]));
  const sessions: UserSessions = {
    endSessions: async (userId, when) => void asked.push(`end ${userId} ${when}`),
    refresh: async () => void (refreshed += 1),
  };
  const open = (): Promise<Users> =>
    openUsers({
      db: central.db,
      dataDir: folder,
      usersFile,
      service: process.geteuid?.() ?? 0,
      sessions,
      checkModel,
      accountProblem,
      log: (event, fields) => void logged.push({ event, ...fields }),
      report: (error) => bugs.push(error),
    });
  return {
    central,
    usersFile,
    users: await open(),
    asked,
    logged,
    refreshed: () => refreshed,
    write: (text) => writeFileSync(usersFile, text, { mode: 0o600 }),
    restarted: open,
  };
};
