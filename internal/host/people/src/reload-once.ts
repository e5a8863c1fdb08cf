import process from "node:process";
import { explain, type LoadError, type UserChange, type UsersDiff } from "@nc/user-wizard";
import { loadUsersFile } from "@nc/user-wizard/node";
import type { DecisionEntry } from "@nc/cli-scope";
import type { Failure } from "@gatehouse/cli-kit";
import { recordIn, timeOrderedId } from "@gatehouse/command-context";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { attempt } from "@gatehouse/sqlite";
import { ok, type Result } from "@gatehouse/std";
import { readFileUsers, writeFileUsers } from "./file-users.ts";
import type { Applied, Ignored, ReloadReport } from "./reload-report.ts";
import { countOf, diffPeople, userIdOf, userMapOf, type Person, type UserMap } from "./user-map.ts";
import { isMissingOrEmpty, noUsers } from "./users-file.ts";

type ReloadContext = {
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  readonly usersFile: string;
  readonly service: number;
};

type Position = { readonly line: number; readonly column: number };

/** The result of a reload: the new users, the report and the changes that it made in the database. */
export type Done = {
  readonly users: UserMap;
  readonly report: ReloadReport;
  readonly diff: UsersDiff<Person> | null;
  /** True if this host knew other users before, also if another host of the database has applied the file already. */
  readonly isNew: boolean;
  /** The position of the first error in the file; null if it has none, or cannot be read. */
  readonly place: Position | null;
};

/**
 * Reads the file and writes its changes: all of them, or none. The changes are those to the users in the database, where
 * another host may have applied the same file. A file that says nothing new to this host changes nothing there: another host
 * may have applied a newer one.
 */
export const reloadOnce = async (
  { db, dataDir, usersFile, service }: ReloadContext,
  before: UserMap,
  number: number,
): Promise<Done> => {
  const at = new Date().toISOString();
  const frame = { number, pid: process.pid, at, usersFile };
  const refused = (error: Failure, place: Position | null = null): Done => {
    const report = {
      ...frame,
      ok: false,
      users: countOf(before),
      applied: [],
      ignored: [],
      needsRestart: [],
      error,
    };
    return { users: before, report, diff: null, isNew: false, place };
  };
  const loaded = await loadUsersFile(usersFile, service);
  // A missing or empty file removes no users: an editor may be saving it, and truncates it first.
  const notRead =
    loaded.ok || before.size > 0 || !isMissingOrEmpty(loaded.error) ? undefined : loaded.error.code;
  if (!loaded.ok && notRead === undefined)
    return refused(
      { code: loaded.error.code, message: explain(loaded.error), fix: fixOf(loaded.error) },
      placeOf(loaded.error),
    );
  const set = loaded.ok ? loaded.value : noUsers;
  const users = userMapOf(set);
  const isNew = !isEmpty(diffPeople(before, users));
  const saved = isNew ? await save({ db, dataDir }, users, at) : ok({ diff: noChanges, ignored: [] });
  if (!saved.ok) return refused(notSaved(saved.error));
  const { diff, ignored } = saved.value;
  const read = notRead === undefined ? frame : { ...frame, notRead };
  const report = { ...read, ok: true, users: countOf(users), ...told(diff), ignored, error: null };
  return { users, report, diff, isNew, place: null };
};

const fixOf = (error: LoadError): string =>
  isMissingOrEmpty(error)
    ? `put it back, or write "users: []" into ${error.path} to remove all people; then reload again`
    : `mend ${error.path}, then reload again`;

const placeOf = (error: LoadError): Position | null =>
  error.code === "users-file-invalid" ? (error.problems[0] ?? null) : null;

const notSaved = (detail: string): Failure => ({
  code: "database-unusable",
  message: `The central database took no users (${detail}).`,
  fix: "fix that, then reload again",
});

const noChanges: UsersDiff<Person> = { added: [], changed: [], removed: [] };

const isEmpty = ({ added, changed, removed }: UsersDiff<Person>): boolean =>
  added.length + changed.length + removed.length === 0;

type Saved = { readonly diff: UsersDiff<Person>; readonly ignored: readonly Ignored[] };

const save = (
  { db, dataDir }: Pick<ReloadContext, "db" | "dataDir">,
  users: UserMap,
  at: string,
): Promise<Result<Saved, string>> =>
  attempt(() =>
    db.transaction().execute(async (transaction) => {
      const diff = diffPeople(await readFileUsers(transaction), users);
      if (isEmpty(diff)) return { diff, ignored: [] };
      const ignored = await writeFileUsers(transaction, diff, at);
      await recordIn(transaction, entryOf(diff), { now: () => at, id: timeOrderedId, dataDir });
      return { diff, ignored };
    }),
  );

/** The line of the decision log about the people that users.yaml adds, changes or removes. */
const entryOf = ({ added, changed, removed }: UsersDiff<Person>): DecisionEntry => {
  const people = Object.entries({ added, changed: changed.map(({ user }) => user), removed });
  const ids = people.map(([name, users]) => [name, users.map(userIdOf).join(",")]);
  return {
    actor: { type: "host" },
    command: "users reload",
    effect: "allow",
    ruleId: "users-yaml",
    args: Object.fromEntries(ids.filter(([, users]) => users !== "")) as DecisionEntry["args"],
    reason: "The host read users.yaml.",
  };
};

const told = ({
  added,
  changed,
  removed,
}: UsersDiff<Person>): Pick<ReloadReport, "applied" | "needsRestart"> => ({
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
  user: Person,
  change: Applied["change"],
  sessions: Applied["sessions"],
  fields: Applied["fields"] = [],
): Applied => ({ user: userIdOf(user), name: user.name, change, fields, sessions });

const appliedOf = (change: UserChange<Person>): readonly Applied[] => {
  const fields = change.fields.filter(({ effect }) => effect !== "needs-restart").map(({ field }) => field);
  if (fields.length === 0) return [];
  return [applied(change.user, "changed", endsSessions(change) ? "end-after-turn" : "go-on", fields)];
};

/** True if a change affects a setting that running sessions started with. */
export const endsSessions = ({ fields }: Pick<UserChange, "fields">): boolean =>
  fields.some(({ effect }) => effect === "ends-sessions");
