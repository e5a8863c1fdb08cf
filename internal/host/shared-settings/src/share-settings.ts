import { createHash, randomUUID } from "node:crypto";
import { copyFile, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { CentralTables, SharedSettingRow } from "@gatehouse/central-database";
import { acquireFileLock, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import { keyFileVariable, type SettingsKey } from "./settings-key.ts";

/** Why a text is refused, a clause that quotes no secret; null if it is not. */
type Flaw = (text: string) => string | null;

/** A file that the hosts of one database share. */
export type SharedFile = {
  readonly name: string;
  readonly path: string;
  /** True if its row is sealed, so that only hosts with the key can read or make it. */
  readonly isSealed: boolean;
  /** Why the reader of this file cannot use a text, a clause; null if it can. No other text is taken from another host. */
  readonly flaw: Flaw;
  /**
   * Whether a text that was changed here may be shared, and whether one of another host may take its place. The reason, a
   * clause, is shown if it may not.
   */
  readonly mayBe: (text: string | null) => Promise<{
    readonly shared: boolean;
    readonly replaced: boolean;
    readonly reason: string | null;
  }>;
  /** Called when the text of another host has become the file. */
  readonly taken: () => void;
};

/**
 * The settings of a data folder that are JSON, by the checks of their readers. Whoever makes one of the sealed rows could read
 * secrets, send them elsewhere or give agents any folder. `taken` is called with the name of a file that another host has
 * changed.
 */
export const jsonFilesIn = (
  dataDir: string,
  flaws: Readonly<Record<string, Flaw>>,
  taken: (name: string) => void,
): readonly SharedFile[] =>
  Object.entries(flaws).map(([name, flaw]) => ({
    name,
    path: join(dataDir, name),
    isSealed: name !== "prices.json",
    flaw,
    mayBe: async (text) => {
      if (text === null) return { shared: true, replaced: true, reason: null };
      // A text that is no JSON may be half written, so it is not replaced either.
      const isWhole = (parseJson(text) ?? null) !== null;
      const reason = isWhole ? flaw(text) : "it is no JSON: it may be half written";
      return { shared: reason === null, replaced: isWhole, reason };
    },
    taken: () => taken(name),
  }));

export type ShareOptions = {
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  readonly files: readonly SharedFile[];
  /** The name of this host. */
  readonly host: string;
  /** Null: sealed files are not shared. */
  readonly key: SettingsKey | null;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
};

/** A version of a file that this data folder had in common with the database. */
type Base = { readonly version: number; readonly id: string; readonly hash: string | null };

/** What a file's look says about changes. */
type Stamp = string | null;

/** How far a host shares a file: the version that it has, and why it has not the newest one. */
export type SharedState = { readonly version: number | null; readonly problem: string | null };

export type SettingsSharing = {
  /**
   * Brings the files of this data folder and the rows of the database together: a change here becomes a row, and a row that
   * another host changed becomes a file. If both have changed, the row wins, and the file is kept beside as
   * `NAME.mine-VERSION`. Else the last text before is kept as `NAME.before`. Call it at the start, and again and again.
   */
  readonly share: () => Promise<void>;
  /** By name, how far the files were shared by the last call. */
  readonly states: () => Readonly<Record<string, SharedState>>;
};

export const settingsSharing = (options: ShareOptions): SettingsSharing => {
  const { db, dataDir, key, files } = options;
  const stateFile = join(dataDir, "shared-settings.json");
  let bases: Record<string, Base> | null = null;
  const stamps = new Map<string, Stamp>();
  const told = new Set<string>();
  const problems = new Map<string, string>();
  const tellOnce = (event: string, fields: Readonly<Record<string, string | number>>): void => {
    const once = JSON.stringify([event, fields]);
    if (told.has(once)) return;
    told.add(once);
    options.log(event, fields);
  };
  const notShared = (file: string, reason: string, version?: number): void => {
    problems.set(file, reason);
    tellOnce("settings-not-shared", { file, reason, ...(version === undefined ? {} : { version }) });
  };
  const keep = async (name: string, base: Base): Promise<void> => {
    bases = { ...bases, [name]: base };
    await replaceFile(stateFile, `${JSON.stringify(bases)}\n`);
  };

  const push = async (
    { name, isSealed }: SharedFile,
    local: string | null,
    from: Version | null,
  ): Promise<void> => {
    const [version, id] = [(from?.version ?? 0) + 1, randomUUID()];
    const row = {
      version,
      version_id: id,
      changed_at: options.now(),
      changed_by: options.host,
      content:
        local === null || key === null || !isSealed ? local : key.seal(sealedName(name, version), local),
      key_id: isSealed && local !== null ? (key?.id ?? null) : null,
    };
    const isWritten = await db.transaction().execute(async (transaction) => {
      if (isSealed && !(await holdsSeal(transaction, key, options.now()))) return false;
      const { numInsertedOrUpdatedRows = 0n } = await transaction
        .insertInto("shared_settings")
        .values({ name, ...row })
        .onConflict((conflict) =>
          conflict
            .column("name")
            .doUpdateSet(row)
            .where("shared_settings.version_id", "=", from?.version_id ?? ""),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    });
    // Another host was faster, or a rekey: the next call finds its row.
    if (!isWritten) return;
    await keep(name, { version, id, hash: hashOf(local) });
    options.log("settings-shared", { file: name, version });
  };

  const pull = async (
    { name, path, taken }: SharedFile,
    { version, version_id: id, changed_by: from }: SharedSettingRow,
    content: string | null,
    { local, isChangedHere }: { readonly local: string | null; readonly isChangedHere: boolean },
  ): Promise<void> => {
    if (content !== local) {
      // A removal is not sealed, so what it removes stays beside.
      if (local !== null && (isChangedHere || content === null)) {
        await copyFile(path, `${path}.mine-${version}`);
        options.log("settings-conflict", { file: name, version, from, kept: `${name}.mine-${version}` });
      } else if (local !== null) await copyFile(path, `${path}.before`);
      if (content === null) await rm(path, { force: true });
      else await replaceFile(path, content);
      options.log("settings-taken", { file: name, version, from });
    }
    await keep(name, { version, id, hash: hashOf(content) });
    if (content !== local) taken();
  };

  const compare = async (shared: SharedFile, found: Version | null): Promise<void> => {
    const { name, path, isSealed } = shared;
    const kept = bases?.[name] ?? null;
    const base = kept !== null && found !== null && isBefore(kept, found) ? kept : null;
    const stamp = await stampOf(path);
    const isSameRow = found?.version_id === base?.id;
    // Nothing has changed here or there since the last look.
    if (isSameRow && kept === base && stamps.get(name) === stamp) return;
    const local = await textOf(path);
    const isChangedHere = hashOf(local) !== (base?.hash ?? null);
    const mayBe = await shared.mayBe(local);
    if (isChangedHere && !(isSameRow ? mayBe.shared : mayBe.replaced))
      return mayBe.reason === null ? undefined : notShared(name, mayBe.reason);
    if (isSameRow) {
      if (isChangedHere) await push(shared, local, found);
    } else {
      const row = await rowOf(db, name);
      if (row === null) return;
      // A sealed file is never taken from a text in the clear.
      const content =
        row.content === null || !isSealed
          ? row.content
          : (key?.open(sealedName(name, row.version), row.content) ?? null);
      if (content === null && row.content !== null) return notShared(name, sealedByAnother, row.version);
      const flaw = content === null || content === local ? null : shared.flaw(content);
      if (flaw !== null)
        return notShared(name, `version ${row.version} of it cannot be used: ${flaw}`, row.version);
      await pull(shared, row, content, { local, isChangedHere });
      problems.delete(name);
      return;
    }
    problems.delete(name);
    stamps.set(name, stamp);
  };

  const look = async (
    shared: SharedFile,
    found: Version | null,
    seal: string | null | undefined,
  ): Promise<void> => {
    const { name, path, isSealed } = shared;
    if (isSealed && key === null) {
      if (found !== null) notShared(name, "this host has no GATEHOUSE_KEY_FILE");
      return;
    }
    if (isSealed && seal !== undefined && seal !== key?.id) {
      if (found !== null || (await stampOf(path)) !== null) notShared(name, otherSeal, found?.version);
      return;
    }
    if (isSealed && found !== null && found.key_id !== null && found.key_id !== key?.id)
      return notShared(name, sealedByAnother, found.version);
    // Commands change these files under the same lock.
    const lock = await acquireFileLock({ path: `${path}.lock`, timeoutMs: 0 });
    if (!lock.ok) return;
    try {
      await compare(shared, found);
    } finally {
      await lock.value.release();
    }
  };

  return {
    share: async () => {
      bases ??= basesIn(await textOf(stateFile));
      const rows = await db
        .selectFrom("shared_settings")
        .select(["name", "version", "version_id", "key_id"])
        .execute();
      const versions = new Map(rows.map((row) => [row.name, row]));
      for (const shared of files)
        try {
          await look(shared, versions.get(shared.name) ?? null, versions.get(sealName)?.key_id);
        } catch (error) {
          notShared(shared.name, systemCode(error));
        }
    },
    states: () =>
      Object.fromEntries(
        files.map(({ name }) => [
          name,
          { version: bases?.[name]?.version ?? null, problem: problems.get(name) ?? null },
        ]),
      ),
  };
};

/** What a look knows of a row. */
type Version = Pick<SharedSettingRow, "name" | "version" | "version_id" | "key_id">;

/**
 * False for a row that is older than the base, or has its number and another id: it is that of another database, or of a
 * restored one.
 */
const isBefore = (base: Base, found: Version): boolean =>
  base.version < found.version || base.id === found.version_id;

const sealedByAnother = "its row was sealed by another key, or was changed";
const otherSeal = `the secrets of this database have another key: start this host with it as ${keyFileVariable}`;

/** The row whose `key_id` is the one key that seals files in this database. */
const sealName = "seal";

const sealRow = (key: SettingsKey, at: string): SharedSettingRow => ({
  name: sealName,
  version: 1,
  version_id: randomUUID(),
  content: null,
  key_id: key.id,
  changed_at: at,
  changed_by: "",
});

/**
 * True if this key may seal files: no other one does. The first key that seals a file becomes the one. The row stays locked
 * until the end of the transaction, so that a rekey waits for it.
 */
const holdsSeal = async (
  transaction: Kysely<CentralTables>,
  key: SettingsKey | null,
  at: string,
): Promise<boolean> => {
  if (key === null) return false;
  const { numInsertedOrUpdatedRows = 0n } = await transaction
    .insertInto("shared_settings")
    .values(sealRow(key, at))
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({ key_id: key.id }).where("shared_settings.key_id", "=", key.id),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
};

/** A text that one host makes and the others take, with the key that seals it. */
type SharedOnce = {
  readonly name: string;
  /** The text of this host; null if it has none. */
  readonly text: string | null;
  /** Null: this host neither shares nor takes it. */
  readonly key: SettingsKey | null;
  /** ISO 8601, UTC. */
  readonly now: string;
};

/**
 * Shares a text for good: the first one in the database counts. Returns it; null if there is none yet, or if this key does not
 * open it.
 */
export const firstShared = async (
  transaction: Kysely<CentralTables>,
  { name, text, key, now }: SharedOnce,
): Promise<string | null> => {
  if (key === null) return null;
  const row = await rowOf(transaction, name);
  if (row !== null) return row.content === null ? null : key.open(sealedName(name, row.version), row.content);
  if (text === null || !(await holdsSeal(transaction, key, now))) return null;
  await transaction
    .insertInto("shared_settings")
    .values({
      name,
      version: 1,
      version_id: randomUUID(),
      content: key.seal(sealedName(name, 1), text),
      key_id: key.id,
      changed_at: now,
      changed_by: "",
    })
    .execute();
  return text;
};

/** The name under which a version is sealed: an older text opens under no later version. */
const sealedName = (name: string, version: number): string => `${name} ${version}`;

const rowOf = async (db: Kysely<CentralTables>, name: string): Promise<SharedSettingRow | null> =>
  (await db.selectFrom("shared_settings").selectAll().where("name", "=", name).executeTakeFirst()) ?? null;

/** The number of files that were sealed anew, and the names of those that `from` does not open. */
export type Resealed = { readonly resealed: number; readonly unopened: readonly string[] };

/**
 * Makes `to` the one key of the database, and seals all files with it that `from` opens, each as its next version. A row
 * that it does not open is removed: a host with the new key then shares its file anew. To keep such rows, roll the
 * transaction back. No host seals a file until the transaction ends.
 */
export const resealAll = async (
  transaction: Kysely<CentralTables>,
  { from, to, now }: { readonly from: SettingsKey | null; readonly to: SettingsKey; readonly now: string },
): Promise<Resealed> => {
  await transaction
    .insertInto("shared_settings")
    .values(sealRow(to, now))
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ key_id: to.id, changed_at: now }))
    .execute();
  const rows = await transaction
    .selectFrom("shared_settings")
    .selectAll()
    .where("key_id", "is not", null)
    .where("name", "!=", sealName)
    .orderBy("name")
    .execute();
  const unopened: string[] = [];
  for (const { name, version, content } of rows) {
    const text = content === null ? null : (from?.open(sealedName(name, version), content) ?? null);
    if (text === null) {
      unopened.push(name);
      await transaction.deleteFrom("shared_settings").where("name", "=", name).execute();
      continue;
    }
    const next = version + 1;
    await transaction
      .updateTable("shared_settings")
      .set({
        version: next,
        version_id: randomUUID(),
        content: to.seal(sealedName(name, next), text),
        key_id: to.id,
      })
      .where("name", "=", name)
      .execute();
  }
  return { resealed: rows.length - unopened.length, unopened };
};

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
