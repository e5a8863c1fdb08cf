import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { inPortions, type UserMap } from "./diff-sets.ts";
import { readFileUsers } from "./file-users.ts";
import { endsSessions, reloadOnce, type Done } from "./reload-once.ts";
import { refusedPeople } from "./refused-people.ts";
import type { ReloadReport } from "./reload-report.ts";
import { userIdOf } from "./user-id.ts";
import type { UserSessions } from "./user-sessions.ts";

export type UsersOptions = {
  readonly db: Kysely<CentralTables>;
  /** The path of users.yaml. The file may be missing as long as no user came from it. */
  readonly usersFile: string;
  /** The uid of the host's account. Only it and root may be able to change users.yaml. */
  readonly service: number;
  readonly sessions: UserSessions;
  /** Called after every reload, once the new users apply. */
  readonly tell: (report: ReloadReport) => Promise<void>;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
};

/** The users of users.yaml, as a running host knows them. */
export type Users = {
  /** The current users. A reload replaces the whole map and never changes it. */
  current(): UserMap;
  /**
   * Reads users.yaml whole and applies it, or keeps the old users. Reloads run one after the other. A reload
   * requested during another one starts after it, so it sees everything written before the request.
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
    await settle(options, done, count === 1);
    return done.report;
  };
  return {
    current: () => current,
    reload: () => {
      // Requests made while one waits share that one, because it has not begun to read.
      waiting ??= running.then(run);
      running = waiting.catch(options.report);
      return waiting;
    },
    idle: async () => void (await running),
  };
};

/**
 * The follow-up work once the new users apply. A failure with one session does not stop the others. The first
 * time it ends the sessions of everybody who is refused: the last host may have been killed before it did.
 */
const settle = async (
  { db, sessions, tell, report }: UsersOptions,
  { diff, report: about }: Done,
  isFirst: boolean,
): Promise<void> => {
  const { changed = [], removed = [] } = diff ?? {};
  const gone = isFirst ? await refusedPeople(db) : removed.map(userIdOf);
  const asked = [
    ...gone.map((userId) => () => sessions.endSessions(userId, "at-once")),
    ...changed.filter(endsSessions).map(
      ({ user }) =>
        () =>
          sessions.endSessions(userIdOf(user), "after-turn"),
    ),
    () => tell(about),
  ];
  await inPortions(asked, async (some) => {
    for (const ask of some) await ask().catch(report);
  });
};
