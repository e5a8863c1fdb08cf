import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { keyOfLog, resealLog, takeLogKey, timeOrderedId } from "@gatehouse/command-context";
import { firstShared, readSettingsKey } from "@gatehouse/shared-settings";

type LogOptions = {
  /** Its transactions run one after the other, also those of several hosts. */
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  /** True for a database that may have other hosts. */
  readonly isShared: boolean;
  /** The file with the key of shared secrets. Null: the key of the log is not shared either. */
  readonly keyFile: string | null;
  /** True if a person says that no host of the database has the key any more. */
  readonly isKeyLost?: boolean;
};

/**
 * Brings the key of the log of decisions to this host: makes it with the first host, and takes it from another host of the
 * database, which has sealed it with the key of shared secrets. A host alone whose key is missing, as after a restore without
 * secrets, begins with a new one; beside others it does so if a person says that it is lost. Returns notes for the operator.
 */
export const prepareLog = async (options: LogOptions): Promise<readonly string[]> => {
  const { db, dataDir, isShared, keyFile, isKeyLost = false } = options;
  const now = (): string => new Date().toISOString();
  const settings = isShared && keyFile !== null ? await readSettingsKey(keyFile) : null;
  const key = settings?.ok === true ? settings.value : null;
  const state = await db.transaction().execute(async (transaction) => {
    const own = await keyOfLog(transaction, dataDir);
    const shared = { name: "log.key", key, now: now() };
    if (own.is === "ready") {
      await firstShared(transaction, { ...shared, text: own.text });
      return own;
    }
    const theirs = await firstShared(transaction, { ...shared, text: null });
    const isTaken =
      own.is === "missing" && theirs !== null && (await takeLogKey(transaction, dataDir, theirs));
    return isTaken ? ({ is: "ready" } as const) : own;
  });
  if (state.is === "ready") return [];
  if (state.is === "missing" && (!isShared || isKeyLost)) {
    await resealLog(db, { dataDir, now, id: timeOrderedId });
    // The other hosts take the new key at their next start.
    await db.deleteFrom("shared_settings").where("name", "=", "log.key").execute();
    return [
      ...(await prepareLog({ ...options, isKeyLost: false })),
      "The key of the log of decisions, log.key, was missing, so the log begins anew with a new key. What is before is not proven.",
    ];
  }
  return [
    `Decisions of this host get no seal: ${state.why}. To fix it: copy log.key from another host of the database, or start all hosts with one GATEHOUSE_KEY_FILE; if no host has the key any more, start this one once with gatehouse up --log-key-lost.`,
  ];
};
