import { fieldKeys, fieldOf, type User, type UserChange, type UsersDiff } from "@nc/user-wizard";
import type { Kysely, Transaction } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { userIdOf, type Person, type UserMap } from "./user-map.ts";
import type { Ignored } from "./reload-report.ts";

type Tx = Transaction<CentralTables>;

/** Reads the users that the last reload stored. A field that an older row lacks counts as not set. */
export const readFileUsers = async (db: Kysely<CentralTables>): Promise<UserMap> => {
  const rows = await db.selectFrom("file_users").select(["user_id", "entry"]).execute();
  return new Map(
    rows.map(({ user_id: id, entry }) => [
      id,
      { ...userFrom(JSON.parse(entry) as Partial<User>), userId: id },
    ]),
  );
};

const userFrom = (said: Partial<User>): User =>
  Object.fromEntries(fieldKeys.map((key) => [key, said[key] ?? fieldOf(key).absent])) as User;

/** The number of users in one statement: SQLite allows 32,766 values in one. */
const portion = 1_000;

/** Calls `write` with portions of the users; never with none. */
const inPortions = async (
  users: readonly Person[],
  write: (some: readonly Person[]) => Promise<void>,
): Promise<void> => {
  for (let first = 0; first < users.length; first += portion)
    await write(users.slice(first, first + portion));
};

/**
 * Writes the changes of a reload. The rows of unchanged users stay as they are.
 * - An added user gets the row of their id (`telegram:7`) in `users`, with the entry's name. An existing row gets
 *   that name.
 * - An admin of the file is admin of all groups (a row of `user_roles`) until the file no longer says so.
 *   All other roles were granted by `ncl roles` and stay. The admin role stays too if `ncl roles` granted it
 *   before the file did.
 * - A removed user keeps their row, because messages, memberships and approvals refer to it. They are refused
 *   until the file has them again.
 * Returns the roles that users keep although they are no admin in the file.
 */
export const writeFileUsers = async (
  transaction: Tx,
  { added, changed, removed }: UsersDiff<Person>,
  at: string,
): Promise<readonly Ignored[]> => {
  const named = [...added, ...changed.filter(changes("name")).map(({ user }) => user)];
  await inPortions(named, (some) => nameUsers(transaction, some, at));
  const changedRole = changed.filter(changes("role")).map(({ user }) => user);
  const demoted = changedRole.filter(({ role }) => role !== "admin");
  const former = [...demoted, ...removed.filter(({ role }) => role === "admin")];
  await inPortions(former, (some) => revokeAdmin(transaction, some));
  const promoted = [...added, ...changedRole].filter(({ role }) => role === "admin");
  const byHand = new Set<string>();
  await inPortions(promoted, async (some) => {
    for (const id of await adminsAmong(transaction, some)) byHand.add(id);
  });
  const current = [...added, ...changed.map(({ user }) => user)];
  await inPortions(current, (some) => storeEntries(transaction, some, byHand));
  const admins = current.filter(({ role }) => role === "admin");
  await inPortions(admins, (some) => grantAdmin(transaction, some, at));
  await inPortions(removed, (some) => forgetEntries(transaction, some));
  await inPortions(removed, (some) => refusePeople(transaction, some, at));
  await inPortions(added, (some) => admitPeople(transaction, some));
  const ignored: Ignored[] = [];
  const others = [...added.filter(({ role }) => role !== "admin"), ...demoted, ...removed];
  await inPortions(others, async (some) => void ignored.push(...(await rolesLeft(transaction, some))));
  return ignored;
};

const changes =
  (key: keyof User) =>
  ({ fields }: Pick<UserChange, "fields">): boolean =>
    fields.some(({ field }) => field === key);

const nameUsers = async (transaction: Tx, users: readonly Person[], at: string): Promise<void> => {
  const rows = users.map((user) => ({
    id: userIdOf(user),
    kind: user.userId.slice(0, user.userId.indexOf(":")),
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

/**
 * The stored form of a user: the entry, and a mark if `ncl roles` made the user admin of all groups before the file
 * did. With the mark, the file cannot revoke the admin role.
 */
type StoredEntry = Partial<User> & { readonly admin_by_hand?: true };

/** True if an entry of `file_users` made its user admin of all groups. */
export const madeAdmin = (entry: string): boolean => {
  const { role, admin_by_hand: isByHand = false } = JSON.parse(entry) as StoredEntry;
  return role === "admin" && !isByHand;
};

/** The users that `ncl roles` made admin of all groups before the file did. */
const adminsByHand = async (transaction: Tx, users: readonly Person[]): Promise<ReadonlySet<string>> => {
  const rows = await transaction
    .selectFrom("file_users")
    .select(["user_id", "entry"])
    .where("user_id", "in", users.map(userIdOf))
    .execute();
  return new Set(
    rows.flatMap(({ user_id: id, entry }) => ((JSON.parse(entry) as StoredEntry).admin_by_hand ? [id] : [])),
  );
};

const adminsAmong = async (transaction: Tx, users: readonly Person[]): Promise<readonly string[]> => {
  const rows = await transaction
    .selectFrom("user_roles")
    .select("user_id")
    .where("user_id", "in", users.map(userIdOf))
    .where("role", "=", "admin")
    .where("agent_group_id", "is", null)
    .execute();
  return rows.map(({ user_id: id }) => id);
};

const storeEntries = async (
  transaction: Tx,
  users: readonly Person[],
  byHand: ReadonlySet<string>,
): Promise<void> => {
  const before = await adminsByHand(transaction, users);
  const stored = ({ userId: id, ...user }: Person): StoredEntry => {
    const isByHand = user.role === "admin" && (byHand.has(id) || before.has(id));
    return isByHand ? { ...user, admin_by_hand: true } : user;
  };
  const rows = users.map((user) => ({ user_id: userIdOf(user), entry: JSON.stringify(stored(user)) }));
  await transaction
    .insertInto("file_users")
    .values(rows)
    .onConflict((there) =>
      there.column("user_id").doUpdateSet(({ ref }) => ({ entry: ref("excluded.entry") })),
    )
    .execute();
};

const forgetEntries = async (transaction: Tx, users: readonly Person[]): Promise<void> => {
  await transaction.deleteFrom("file_users").where("user_id", "in", users.map(userIdOf)).execute();
};

const grantAdmin = async (transaction: Tx, users: readonly Person[], at: string): Promise<void> => {
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

const revokeAdmin = async (transaction: Tx, users: readonly Person[]): Promise<void> => {
  const byHand = await adminsByHand(transaction, users);
  const ids = users.map(userIdOf).filter((id) => !byHand.has(id));
  if (ids.length === 0) return;
  await transaction
    .deleteFrom("user_roles")
    .where("user_id", "in", ids)
    .where("role", "=", "admin")
    .where("agent_group_id", "is", null)
    .execute();
};

const rolesLeft = async (transaction: Tx, users: readonly Person[]): Promise<readonly Ignored[]> => {
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

/** Refuses all messages of these users from now on, also after a restart of the host. */
const refusePeople = async (transaction: Tx, users: readonly Person[], at: string): Promise<void> => {
  const rows = users.map((user) => ({
    user_id: userIdOf(user),
    refused_at: at,
    reason: "removed from users.yaml",
  }));
  await transaction
    .insertInto("refused_people")
    .values(rows)
    .onConflict((there) => there.doNothing())
    .execute();
};

/** Accepts messages of these users again. */
const admitPeople = async (transaction: Tx, users: readonly Person[]): Promise<void> => {
  await transaction.deleteFrom("refused_people").where("user_id", "in", users.map(userIdOf)).execute();
};

/** The ids of all refused users. */
export const refusedPeople = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db.selectFrom("refused_people").select("user_id").orderBy("user_id").execute();
  return rows.map(({ user_id: id }) => id);
};
