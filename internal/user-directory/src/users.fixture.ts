import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished } from "vitest";
import { openedCentral, temporaryFolder } from "@gatehouse/control-plane/testing";
import type { Central } from "@gatehouse/control-plane";
import type { ReloadReport } from "./reload-report.ts";
import { openUsers, type Users } from "./reload-users.ts";
import type { UserSessions } from "./user-sessions.ts";

/** An entry of users.yaml: these keys, in this order. */
export const entry = (keys: Readonly<Record<string, unknown>>): string =>
  Object.entries(keys)
    .map(([key, value], index) => `${index === 0 ? "  - " : "    "}${key}: ${JSON.stringify(value)}\n`)
    .join("");

export const usersYaml = (...entries: readonly Readonly<Record<string, unknown>>[]): string =>
  entries.length === 0 ? "users: []\n" : `users:\n${entries.map(entry).join("")}`;

/** A host's users on a real database, beside a users.yaml. */
export type UsersFixture = {
  readonly central: Central;
  readonly usersFile: string;
  readonly users: Users;
  /** What the sessions were asked, in order: `end telegram:1 at-once`. */
  readonly asked: string[];
  readonly told: ReloadReport[];
  write(text: string): void;
  /** Another host on the same database, as after a restart. */
  restarted(): Promise<Users>;
};

export const usersFixture = async (): Promise<UsersFixture> => {
  const folder = temporaryFolder();
  const central = await openedCentral(folder);
  const usersFile = join(folder, "users.yaml");
  const [asked, told, bugs]: [string[], ReloadReport[], unknown[]] = [[], [], []];
  onTestFinished(() => expect(bugs).toEqual([]));
  const sessions: UserSessions = {
    endSessions: async (userId, when) => void asked.push(`end ${userId} ${when}`),
  };
  const open = (): Promise<Users> =>
    openUsers({
      db: central.db,
      usersFile,
      service: process.geteuid?.() ?? 0,
      sessions,
      tell: async (report) => void told.push(report),
      report: (error) => bugs.push(error),
    });
  return {
    central,
    usersFile,
    users: await open(),
    asked,
    told,
    write: (text) => writeFileSync(usersFile, text, { mode: 0o600 }),
    restarted: open,
  };
};
