import { createHash } from "node:crypto";
import { copyFile, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables, SharedSettingRow } from "@gatehouse/central-database";
import { acquireFileLock, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import type { SettingsKey } from "./settings-key.ts";

/** The files of a data folder that the hosts of one database share, and whether they have secrets. */
export const sharedFiles: readonly { readonly name: string; readonly isSecret: boolean }[] = [
  { name: "secrets.json", isSecret: true },
  { name: "mcp-secrets.json", isSecret: true },
  { name: "messengers.json", isSecret: true },
  { name: "prices.json", isSecret: false },
];

export type ShareOptions = {
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  /** The name of this host. */
  readonly host: string;
  /** Null: files with secrets are not shared. */
  readonly key: SettingsKey | null;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

/** A version of a file that this data folder had in common with the database. */
type Base = { readonly version: number; readonly hash: string | null };

/** What a file's look says about changes. */
type Stamp = string | null;

/**
 * Returns a function that brings the files of this data folder and the rows of the database together: a change here becomes a
 * row, and a row that another host changed becomes a file. If both have changed, the row wins, and the file is kept beside as
 * `NAME.mine-VERSION`. Call it at the start, and again and again.
 */
export const settingsSharing = (options: ShareOptions): (() => Promise<void>) => {
  const { db, dataDir, key } = options;
  const stateFile = join(dataDir, "shared-settings.json");
  let bases: Record<string, Base> | null = null;
  const stamps = new Map<string, Stamp>();
  const told = new Set<string>();
  const tellOnce = (event: string, fields: Readonly<Record<string, string | number>>): void => {
    const once = JSON.stringify([event, fields]);
    if (told.has(once)) return;
    told.add(once);
    options.log(event, fields);
  };
  const keep = async (name: string, base: Base): Promise<void> => {
    bases = { ...bases, [name]: base };
    await replaceFile(stateFile, `${JSON.stringify(bases)}\n`);
  };

  const push = async ({ name, isSecret }: SharedFile, local: string | null, from: number): Promise<void> => {
    const version = from + 1;
    const row = {
      ...{ version, changed_at: options.now(), changed_by: options.host },
      content:
        local === null || key === null || !isSecret ? local : key.seal(sealedName(name, version), local),
      key_id: isSecret && local !== null ? (key?.id ?? null) : null,
    };
    const { numInsertedOrUpdatedRows = 0n } = await db
      .insertInto("shared_settings")
      .values({ name, ...row })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet(row).where("shared_settings.version", "=", from),
      )
      .executeTakeFirst();
    // Another host was faster: the next call finds its row.
    if (numInsertedOrUpdatedRows === 0n) return;
    await keep(name, { version, hash: hashOf(local) });
    options.log("settings-shared", { file: name, version });
  };

  const pull = async (
    { name, version, changed_by: from }: SharedSettingRow,
    content: string | null,
    local: string | null,
    base: Base | null,
  ): Promise<void> => {
    const file = join(dataDir, name);
    const isChangedHere = local !== null && hashOf(local) !== (base?.hash ?? null);
    if (content !== local) {
      // A removal is not sealed, so what it removes stays beside.
      if (isChangedHere || (local !== null && content === null)) {
        await copyFile(file, `${file}.mine-${version}`);
        options.log("settings-conflict", { file: name, version, from, kept: `${name}.mine-${version}` });
      }
      if (content === null) await rm(file, { force: true });
      else await replaceFile(file, content);
      options.log("settings-taken", { file: name, version, from });
    }
    await keep(name, { version, hash: hashOf(content) });
  };

  const compare = async (shared: SharedFile, found: Version | null): Promise<void> => {
    const { name, isSecret } = shared;
    const file = join(dataDir, name);
    const kept = bases?.[name] ?? null;
    // A row that is gone or older is that of another database, or of a restored one.
    const base = kept !== null && found !== null && kept.version <= found.version ? kept : null;
    const stamp = await stampOf(file);
    const isSameRow = (found?.version ?? null) === (base?.version ?? null);
    // Nothing has changed here or there since the last look.
    if (isSameRow && kept === base && stamps.get(name) === stamp) return;
    const local = await textOf(file);
    if (local !== null && (parseJson(local) ?? null) === null)
      return tellOnce("settings-not-shared", { file: name, reason: "it is no JSON: it may be half written" });
    if (isSameRow) {
      if (hashOf(local) !== (base?.hash ?? null)) await push(shared, local, found?.version ?? 0);
    } else {
      const row = await rowOf(db, name);
      if (row === null) return;
      // A file of secrets is never taken from a text in the clear.
      const content =
        row.content === null || !isSecret
          ? row.content
          : (key?.open(sealedName(name, row.version), row.content) ?? null);
      if (content === null && row.content !== null)
        return tellOnce("settings-not-shared", { file: name, reason: sealedByAnother, version: row.version });
      await pull(row, content, local, base);
      return;
    }
    stamps.set(name, stamp);
  };

  const look = async (shared: SharedFile, found: Version | null): Promise<void> => {
    const { name, isSecret } = shared;
    if (isSecret && key === null) {
      if (found !== null)
        tellOnce("settings-not-shared", { file: name, reason: "this host has no GATEHOUSE_KEY_FILE" });
      return;
    }
    if (isSecret && found !== null && found.key_id !== null && found.key_id !== key?.id)
      return tellOnce("settings-not-shared", { file: name, reason: sealedByAnother, version: found.version });
    // Commands change these files under the same lock.
    const lock = await acquireFileLock({ path: join(dataDir, `${name}.lock`), timeoutMs: 0 });
    if (!lock.ok) return;
    try {
      await compare(shared, found);
    } finally {
      await lock.value.release();
    }
  };

  return async () => {
    bases ??= basesIn(await textOf(stateFile));
    const rows = await db.selectFrom("shared_settings").select(["name", "version", "key_id"]).execute();
    const versions = new Map(rows.map((row) => [row.name, row]));
    for (const shared of sharedFiles)
      try {
        await look(shared, versions.get(shared.name) ?? null);
      } catch (error) {
        tellOnce("settings-not-shared", { file: shared.name, reason: systemCode(error) });
      }
  };
};

type SharedFile = (typeof sharedFiles)[number];

/** What a look knows of a row. */
type Version = Pick<SharedSettingRow, "name" | "version" | "key_id">;

const sealedByAnother = "its row was sealed by another key, or was changed";

/** The name under which a version is sealed: an older text opens under no later version. */
const sealedName = (name: string, version: number): string => `${name} ${version}`;

const rowOf = async (db: Kysely<CentralTables>, name: string): Promise<SharedSettingRow | null> =>
  (await db.selectFrom("shared_settings").selectAll().where("name", "=", name).executeTakeFirst()) ?? null;

/** Seals all rows that have secrets anew. Null if one of them was sealed by another key than `from`; then none has changed. */
export const resealAll = (
  db: Kysely<CentralTables>,
  from: SettingsKey,
  to: SettingsKey,
): Promise<number | null> =>
  db.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("shared_settings")
      .selectAll()
      .where("key_id", "is not", null)
      .execute();
    const opened = rows.map(({ name, version, content }) => ({
      ...{ name, version },
      text: content === null ? null : from.open(sealedName(name, version), content),
    }));
    if (opened.some(({ text }) => text === null)) return null;
    for (const { name, version, text } of opened) {
      const { numUpdatedRows } = await transaction
        .updateTable("shared_settings")
        .set({ content: to.seal(sealedName(name, version), text ?? ""), key_id: to.id })
        .where("name", "=", name)
        .where("version", "=", version)
        .executeTakeFirst();
      // A host has changed it meanwhile: everything is rolled back.
      if (numUpdatedRows === 0n) throw new Error(`${name} has just been changed. Try it again.`);
    }
    return opened.length;
  });

const hashOf = (text: string | null): string | null =>
  text === null ? null : createHash("sha256").update(text).digest("base64url");

const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
};

const stampOf = async (file: string): Promise<Stamp> => {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
};

/** A torn file counts as none: what differs is then kept beside. */
const basesIn = (text: string | null): Record<string, Base> => {
  const parsed = text === null ? null : parseJson(text);
  return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, Base>) : {};
};
