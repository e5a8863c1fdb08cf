import { fieldKeys, fieldOf, type User, type UserChange, type UsersDiff } from "@nc/user-wizard";
import type { Kysely, Transaction } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { inPortions, type UserMap } from "./diff-sets.ts";
import type { Ignored } from "./reload-report.ts";
import { userIdOf } from "./user-id.ts";

type Tx = Transaction<CentralTables>;

/** The users that the last reload stored. A field that is newer than their row counts as not set. */
export const readFileUsers = async (db: Kysely<CentralTables>): Promise<UserMap> => {
  const rows = await db.selectFrom("file_users").select(["user_id", "entry"]).execute();
  return new Map(rows.map(({ user_id: id, entry }) => [id, userFrom(JSON.parse(entry) as Partial<User>)]));
};

const userFrom = (said: Partial<User>): User =>
  Object.fromEntries(fieldKeys.map((key) => [key, said[key] ?? fieldOf(key).absent])) as User;

/**
 * Writes the changes of a reload. The rows of unchanged users stay as they are.
 * - An added user gets the row `telegram:N` of `users`, with the entry's name. An existing row gets that
 *   name.
 * - An admin of the file is admin of all groups (a row of `user_roles`) until the file no longer says so.
 *   Every other role was granted by `ncl roles`, and stays.
 * - A removed user keeps their row, because messages, memberships and approvals refer to it.
 * Returns the roles that people keep although the file does not name them admin.
 */
export const writeFileUsers = async (
  transaction: Tx,
  { added, changed, removed }: UsersDiff,
  at: string,
): Promise<readonly Ignored[]> => {
  const users = changed.map(({ user }) => user);
  const named = [...added, ...changed.filter(changes("name")).map(({ user }) => user)];
  await inPortions(named, (some) => nameUsers(transaction, some, at));
  await inPortions([...added, ...users], (some) => keepEntries(transaction, some));
  const admins = [...added, ...users].filter(({ role }) => role === "admin");
  await inPortions(admins, (some) => grantAdmin(transaction, some, at));
  const demoted = changed
    .filter(changes("role"))
    .flatMap(({ user }) => (user.role === "admin" ? [] : [user]));
  const former = [...demoted, ...removed.filter(({ role }) => role === "admin")];
  await inPortions(former, (some) => revokeAdmin(transaction, some));
  await inPortions(removed, (some) => forgetEntries(transaction, some));
  const ignored: Ignored[] = [];
  const others = [...added.filter(({ role }) => role !== "admin"), ...demoted, ...removed];
  await inPortions(others, async (some) => void ignored.push(...(await rolesLeft(transaction, some))));
  return ignored;
};

const changes =
  (key: keyof User) =>
  ({ fields }: UserChange): boolean =>
    fields.some(({ field }) => field === key);

const nameUsers = async (transaction: Tx, users: readonly User[], at: string): Promise<void> => {
  const rows = users.map((user) => ({
    id: userIdOf(user),
    kind: "telegram",
    display_name: user.name,
    created_at: at,
  }));
  await transaction
    .insertInto("users")
    .values(rows)
    .onConflict((there) =>
      there.column("id").doUpdateSet(({ ref }) => ({ display_name: ref("excluded.display_name") })),
    )
    .execute();
};

const keepEntries = async (transaction: Tx, users: readonly User[]): Promise<void> => {
  const rows = users.map((user) => ({ user_id: userIdOf(user), entry: JSON.stringify(user) }));
  await transaction
    .insertInto("file_users")
    .values(rows)
    .onConflict((there) =>
      there.column("user_id").doUpdateSet(({ ref }) => ({ entry: ref("excluded.entry") })),
    )
    .execute();
};

const forgetEntries = async (transaction: Tx, users: readonly User[]): Promise<void> => {
  await transaction.deleteFrom("file_users").where("user_id", "in", users.map(userIdOf)).execute();
};

const grantAdmin = async (transaction: Tx, users: readonly User[], at: string): Promise<void> => {
  const rows = users.map((user) => ({
    user_id: userIdOf(user),
    role: "admin",
    agent_group_id: null,
    granted_by: null,
    granted_at: at,
  }));
  await transaction
    .insertInto("user_roles")
    .values(rows)
    .onConflict((there) => there.doNothing())
    .execute();
};

const revokeAdmin = async (transaction: Tx, users: readonly User[]): Promise<void> => {
  await transaction
    .deleteFrom("user_roles")
    .where("user_id", "in", users.map(userIdOf))
    .where("role", "=", "admin")
    .where("agent_group_id", "is", null)
    .execute();
};

const rolesLeft = async (transaction: Tx, users: readonly User[]): Promise<readonly Ignored[]> => {
  const rows = await transaction
    .selectFrom("user_roles")
    .select(["user_id", "role", "agent_group_id"])
    .where("user_id", "in", users.map(userIdOf))
    .execute();
  return rows.map(({ user_id: id, role, agent_group_id: group }) => ({
    what: `${id} is ${role} of ${group ?? "all groups"}`,
    why: "granted by ncl roles, which users.yaml does not take away",
  }));
};
