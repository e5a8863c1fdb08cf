import type { UsersDiff } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import type { CheckModel } from "@gatehouse/agent-clis";
import type { CentralTables } from "@gatehouse/central-database";
import { readFileUsers, refusedPeople } from "./file-users.ts";
import { endsSessions, reloadOnce, type Done } from "./reload-once.ts";
import { modelWarnings } from "./persons-models.ts";
import type { ReloadReport } from "./reload-report.ts";
import { userIdOf, type Person, type UserMap } from "./user-map.ts";

/**
 * Ends sessions for a reload of users.yaml. A user is `telegram:N` or another id of users.yaml. Removed users are in the table `refused_people`
 * before this is called, so none of their messages starts another session.
 */
export type UserSessions = {
  /**
   * Ends the sessions in the direct chats of this user: `at-once` for good, `after-turn` so that the next turn runs
   * with the current settings. Resolves once the request is recorded, and does not wait for the turn.
   */
  endSessions(userId: string, when: "after-turn" | "at-once"): Promise<void>;
  /** Called after a reload that changed users: their agents may have another provider or model. */
  refresh(): Promise<void>;
};

export type UsersOptions = {
  readonly db: Kysely<CentralTables>;
  /** It has the key of the log of decisions. */
  readonly dataDir: string;
  /** The path of users.yaml. The file may be missing if no user ever came from it. */
  readonly usersFile: string;
  /** The uid of the host's account. Only it and root may be able to change users.yaml. */
  readonly service: number;
  readonly sessions: UserSessions;
  /** Asks the CLI of a provider about a model. */
  readonly checkModel: CheckModel;
  /** Why no agent of this host can run as another account, a sentence; null if agents can. */
  readonly accountProblem: string | null;
  /** Writes an event to the host's log: `users-reloaded` or `users-refused`, once for each reload. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | null>>) => void;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
};

/** The users of users.yaml in a running host. */
export type Users = {
  /** The current users. A reload replaces the whole map and never changes it. */
  current(): UserMap;
  /**
   * Reads users.yaml and applies all of it, or keeps the old users. Reloads run one after the other. A reload that
   * is requested during another one starts after it, so it sees everything written before the request.
   */
  reload(): Promise<ReloadReport>;
  /** Resolves when no reload is running. */
  idle(): Promise<void>;
};

/** Loads the users of the last host from the database. users.yaml is not read before the first reload. */
export const openUsers = async (options: UsersOptions): Promise<Users> => {
  let current = await readFileUsers(options.db);
  let count = 0;
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<ReloadReport> | null = null;
  const run = async (): Promise<ReloadReport> => {
    waiting = null;
    const done = await reloadOnce(options, current, (count += 1));
    current = done.users;
    logDone(options.log, done);
    return settle(options, done, count === 1);
  };
  return {
    current: () => current,
    reload: () => {
      // A reload that waits has not begun to read, so further requests share it.
      waiting ??= running.then(run);
      running = waiting.catch(options.report);
      return waiting;
    },
    idle: async () => void (await running),
  };
};

/** Logs counts, or the code and place of the first error: the log has neither names nor text of the file. */
const logDone = (log: UsersOptions["log"], { report, place }: Done): void => {
  const { users, applied, ignored, needsRestart, error } = report;
  if (error !== null)
    log("users-refused", {
      code: error.code,
      line: place?.line ?? null,
      column: place?.column ?? null,
    });
  else
    log("users-reloaded", {
      users,
      applied: applied.length,
      ignored: ignored.length,
      needsRestart: needsRestart.length,
    });
};

/**
 * Ends sessions and reports, once the new users apply. A failure with one session does not stop the others. A
 * host's first reload ends the sessions of all refused users, since the last host may have been killed before it
 * did so. The first reload asks no CLI: the start of the host would wait for it.
 */
const settle = async (
  { db, sessions, checkModel, accountProblem, report }: UsersOptions,
  { diff, isNew, report: about }: Done,
  isFirst: boolean,
): Promise<ReloadReport> => {
  const { changed = [], removed = [] } = diff ?? {};
  const gone = isFirst ? await refusedPeople(db) : removed.map(userIdOf);
  for (const userId of gone) await sessions.endSessions(userId, "at-once").catch(report);
  for (const { user } of changed.filter(endsSessions))
    await sessions.endSessions(userIdOf(user), "after-turn").catch(report);
  if (isNew) await sessions.refresh().catch(report);
  const warningsOf = (changes: UsersDiff<Person>) => modelWarnings(changes, { db, checkModel });
  const failed = (error: unknown): readonly string[] => (report(error), []);
  const warnings =
    isFirst || diff === null
      ? []
      : [...accountWarnings(diff, accountProblem), ...(await warningsOf(diff).catch(failed))];
  return warnings.length === 0 ? about : { ...about, warnings };
};

/** Sentences about the people of a reload whose agents cannot run as their account. */
const accountWarnings = (
  { added, changed }: UsersDiff<Person>,
  problem: string | null,
): readonly string[] => {
  const moved = changed.filter(({ fields }) => fields.some(({ field }) => field === "os_user"));
  const people = [...added, ...moved.map(({ user }) => user)].filter(
    ({ os_user: account }) => account !== null,
  );
  return problem === null ? [] : people.map((user) => `${userIdOf(user)}: ${problem}`);
};
