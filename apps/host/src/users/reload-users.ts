import process from "node:process";
import { explain, type LoadError, type UserChange, type UserSet, type UsersDiff } from "@nc/user-wizard";
import { loadUsersFile } from "@nc/user-wizard/node";
import type { Failure } from "@trust/preflight/node";
import type { Kysely } from "kysely";
import { attempt } from "../database/attempt.ts";
import type { CentralTables } from "../database/tables.ts";
import type { Result } from "../result.ts";
import { diffSets, inPortions, type HostUsers } from "./diff-sets.ts";
import { readFileUsers, writeFileUsers } from "./file-users.ts";
import type { Applied, Ignored, ReloadReport } from "./reload-report.ts";
import { sinceBootMs } from "./since-boot.ts";
import { userIdOf } from "./user-id.ts";
import type { UserSessions } from "./user-sessions.ts";

export type UsersOptions = {
  readonly db: Kysely<CentralTables>;
  /** users.yaml; it may be missing as long as nobody came from it. */
  readonly usersFile: string;
  readonly sessions: UserSessions;
  /** Told of every reload, after it counts. */
  readonly tell: (report: ReloadReport) => Promise<void>;
  /** Told of bugs. */
  readonly report: (error: unknown) => void;
};

/** The people of users.yaml as a running host knows them. */
export type Users = {
  /** Replaced as a whole by a reload, never changed. */
  current(): HostUsers;
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

/** What a reload comes to: the people known from now on, and what is to be told. */
type Done = { readonly users: HostUsers; readonly report: ReloadReport; readonly diff: UsersDiff | null };

const reloadOnce = async (options: UsersOptions, before: HostUsers, number: number): Promise<Done> => {
  const { usersFile } = options;
  const at = new Date().toISOString();
  const frame = { number, pid: process.pid, at, sinceBootMs: sinceBootMs(), usersFile };
  const refused = (error: Failure): Done => {
    const report = {
      ...frame,
      ok: false,
      users: before.size,
      applied: [],
      ignored: [],
      needsRestart: [],
      error,
    };
    return { users: before, report, diff: null };
  };
  const loaded = await loadOrNobody(usersFile, before);
  if (!loaded.ok)
    return refused({ code: loaded.error.code, message: explain(loaded.error), fix: fixOf(loaded.error) });
  const { after, diff } = await diffSets(before, loaded.value);
  const saved = await save(options.db, diff, at);
  if (!saved.ok) return refused(notSaved(saved.error));
  const report = { ...frame, ok: true, users: after.size, ...told(diff), ignored: saved.value, error: null };
  return { users: after, report, diff };
};

const nobody: UserSet = {
  users: [],
  defaults: { workspace_base: null, model: null, agent_backend: null, max_budget: null },
};

/** A file that is gone removes nobody: an editor may be at it. */
const loadOrNobody = async (file: string, before: HostUsers): Promise<Result<UserSet, LoadError>> => {
  const loaded = await loadUsersFile(file);
  const isFirst = !loaded.ok && loaded.error.code === "users-file-missing" && before.size === 0;
  return isFirst ? { ok: true, value: nobody } : loaded;
};

const fixOf = ({ code, path }: LoadError): string =>
  code === "users-file-missing"
    ? `put it back, or write "users: []" into ${path} to remove everybody; then reload again`
    : `mend ${path}, then reload again`;

const notSaved = (detail: string): Failure => ({
  code: "database-unusable",
  message: `The central database took no users (${detail}).`,
  fix: "mend that, then reload again",
});

const save = (
  db: Kysely<CentralTables>,
  diff: UsersDiff,
  at: string,
): Promise<Result<readonly Ignored[], string>> => {
  if (diff.added.length + diff.changed.length + diff.removed.length === 0)
    return Promise.resolve({ ok: true, value: [] });
  return attempt(() => db.transaction().execute((transaction) => writeFileUsers(transaction, diff, at)));
};

const told = ({ added, changed, removed }: UsersDiff): Pick<ReloadReport, "applied" | "needsRestart"> => ({
  applied: [
    ...added.map((user) => applied(user, "added", "go-on")),
    ...removed.map((user) => applied(user, "removed", "refused")),
    ...changed.flatMap(appliedOf),
  ],
  needsRestart: changed.flatMap(({ user, fields }) => {
    const late = fields.filter(({ effect }) => effect === "needs-restart").map(({ field }) => field);
    return late.length === 0 ? [] : [{ user: userIdOf(user), fields: late }];
  }),
});

const applied = (
  user: UserChange["user"],
  change: Applied["change"],
  sessions: Applied["sessions"],
  fields: Applied["fields"] = [],
): Applied => ({ user: userIdOf(user), name: user.name, change, fields, sessions });

const appliedOf = (change: UserChange): readonly Applied[] => {
  const fields = change.fields.filter(({ effect }) => effect !== "needs-restart").map(({ field }) => field);
  if (fields.length === 0) return [];
  return [applied(change.user, "changed", endsSessions(change) ? "end-after-turn" : "go-on", fields)];
};

const endsSessions = ({ fields }: UserChange): boolean =>
  fields.some(({ effect }) => effect === "ends-sessions");

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
