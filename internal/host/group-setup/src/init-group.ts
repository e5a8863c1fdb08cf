import { rmdir } from "node:fs/promises";
import type { Kysely } from "kysely";
import { containerConfigStore } from "@nc/container-config/node";
import type { Failure } from "@gatehouse/cli-kit";
import { directChatOf } from "./direct-chat.ts";
import type { Central, CentralTables } from "@gatehouse/central-database";
import { explainFolder, makeGroupFolder } from "@gatehouse/group-workspace";
import type { Result } from "@gatehouse/std";
import { type ClockAndIds, inTransaction } from "@gatehouse/command-context";
import { wireChat, type WiredChat } from "./wire-chat.ts";

/** The first group, with checked values. */
export type InitRequest = {
  readonly name: string;
  readonly folder: string;
  /** The owner of the group, as `<channel>:<handle>`. */
  readonly owner: string | null;
  /** The group's provider; null for the default of configurations. */
  readonly provider: string | null;
};

export type Initialised = {
  readonly group: {
    readonly id: string;
    readonly name: string;
    readonly folder: string;
    readonly path: string;
  };
  /** `chat` is null if only the channel knows the person's direct chat. */
  readonly owner: { readonly userId: string; readonly chat: WiredChat | null } | null;
};

type Database = Kysely<CentralTables>;

/**
 * Creates the owner's group: the group with its folder, its configuration with `cli_scope` `global`, and for
 * a named owner the user, the role and, if known, the direct-message chat. Creates all of it or nothing.
 * Refuses if a group with scope `global` exists.
 */
export const initGroup = (
  { db }: Central,
  { dataDir, ...clock }: ClockAndIds & { readonly dataDir: string },
  { name, folder, owner, provider }: InitRequest,
): Promise<Result<Initialised, Failure>> =>
  inTransaction(db, async (transaction, hooks) => {
    const reason = (await ownersGroup(transaction)) ?? (await groupIn(transaction, folder));
    if (reason !== null) return { ok: false, error: reason };
    const id = clock.id("ag");
    const created_at = clock.now();
    await transaction.insertInto("agent_groups").values({ id, name, folder, created_at }).execute();
    const saved = await containerConfigStore<CentralTables>(transaction, clock).create(
      id,
      { cli_scope: "global", ...(provider === null ? {} : { provider }) },
      { actor: "host", reason: "gatehouse init" },
    );
    if (!saved.ok) throw new Error(`A new group's configuration was refused: ${saved.error.code}`);
    const chat = owner === null ? null : await addOwner(transaction, owner, id, clock);
    const made = await makeGroupFolder(dataDir, folder);
    if (!made.ok) return { ok: false, error: { code: made.error.code, ...explainFolder(made.error) } };
    hooks.onRollback(() => rmdir(made.value));
    const group = { id, name, folder, path: made.value };
    return { ok: true, value: { group, owner: owner === null ? null : { userId: owner, chat } } };
  });

/** The failure if a group with scope `global` exists; null otherwise. */
const ownersGroup = async (db: Database): Promise<Failure | null> => {
  const there = await db
    .selectFrom("agent_groups")
    .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
    .select(["id", "name", "folder"])
    .where("cli_scope", "=", "global")
    .orderBy("created_at")
    .orderBy("id")
    .executeTakeFirst();
  if (there === undefined) return null;
  return {
    code: "already-initialised",
    message: `There is an owner's group already: ${JSON.stringify(there.name)} (${there.id}, groups/${there.folder}). Nothing was changed.`,
    fix: "start the host with gatehouse up, and make further groups with ncl groups create --name NAME --folder FOLDER",
  };
};

/** Lower case for A to Z only, like the unique index on folders on SQLite and PostgreSQL. */
const asciiLower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const groupIn = async (db: Database, folder: string): Promise<Failure | null> => {
  const there = await db
    .selectFrom("agent_groups")
    .select("id")
    .where(({ eb, fn }) => eb(fn<string>("lower", ["folder"]), "=", asciiLower(folder)))
    .executeTakeFirst();
  if (there === undefined) return null;
  return {
    code: "folder-taken",
    message: `The folder groups/${folder} is that of the group ${there.id}. Nothing was changed.`,
    fix: "name another folder with --folder",
  };
};

const addOwner = async (
  db: Database,
  userId: string,
  groupId: string,
  clock: ClockAndIds,
): Promise<WiredChat | null> => {
  const at = clock.now();
  const kind = userId.slice(0, userId.indexOf(":"));
  await db
    .insertInto("users")
    .values({ id: userId, kind, display_name: null, created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto("user_roles")
    .values({ user_id: userId, role: "owner", agent_group_id: null, granted_by: null, granted_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const platformId = directChatOf(userId);
  return platformId === null
    ? null
    : await wireChat(db, { userId, groupId, kind, platformId, instance: "" }, clock);
};
