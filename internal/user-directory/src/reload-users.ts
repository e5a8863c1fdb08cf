import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { inPortions, type UserMap } from "./diff-sets.ts";
import { readFileUsers } from "./file-users.ts";
import { endsSessions, reloadOnce, type Done } from "./reload-once.ts";
import type { ReloadReport } from "./reload-report.ts";
import { userIdOf } from "./user-id.ts";
import type { UserSessions } from "./user-sessions.ts";

export type UsersOptions = {
  readonly db: Kysely<CentralTables>;
  /** users.yaml; it may be missing as long as nobody came from it. */
  readonly usersFile: string;
  /** The uid of the host's account: nobody but it and root may be able to change users.yaml. */
  readonly service: number;
  readonly sessions: UserSessions;
  /** Told of every reload, after it counts. */
  readonly tell: (report: ReloadReport) => Promise<void>;
  /** Told of bugs. */
  readonly report: (error: unknown) => void;
};

/** The people of users.yaml as a running host knows them. */
export type Users = {
  /** Replaced as a whole by a reload, never changed. */
  current(): UserMap;
  /**
   * Reads users.yaml whole and applies it, or keeps what was. One goes after the other; one that was asked for while
   * another runs begins after that one, so that it has seen whatever was written before it was asked for.
   */
  reload(): Promise<ReloadReport>;
  /** Resolves when nothing is being reloaded any more. */
  idle(): Promise<void>;
};

/** Takes over whom the last host knew. Nothing is read from users.yaml before the first reload. */
export const openUsers = async (options: UsersOptions): Promise<Users> => {
  let current = await readFileUsers(options.db);
  let count = 0;
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<ReloadReport> | null = null;
  const run = async (): Promise<ReloadReport> => {
    waiting = null;
    const done = await reloadOnce(options, current, (count += 1));
    current = done.users;
    await settle(options, done);
    return done.report;
  };
  return {
    current: () => current,
    reload: () => {
      // Those that ask while one waits are served by the one that waits: it has not begun to read.
      waiting ??= running.then(run);
      running = waiting.catch(options.report);
      return waiting;
    },
    idle: async () => void (await running),
  };
};

/** What follows once the new set counts. One session that makes trouble keeps nothing else from being done. */
const settle = async (
  { sessions, tell, report }: UsersOptions,
  { diff, report: about }: Done,
): Promise<void> => {
  const { added = [], changed = [], removed = [] } = diff ?? {};
  const asked = [
    ...removed.map((user) => () => sessions.refuse(userIdOf(user))),
    ...changed.filter(endsSessions).map(
      ({ user }) =>
        () =>
          sessions.endSessions(userIdOf(user), "after-turn"),
    ),
    ...added.map((user) => () => sessions.admit(userIdOf(user))),
    () => tell(about),
  ];
  await inPortions(asked, async (some) => {
    for (const ask of some) await ask().catch(report);
  });
};
