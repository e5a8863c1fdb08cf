import type { FileHandle } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { consentsFrom } from "../ledger.ts";
import type { ConsentRecord, Ledger, Result, Code, Grant, Provider, Via } from "../index.ts";
import { explainUnsafe, openOwnFile, type UnsafePlace, type OwnFileError } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";

/** `detail` is for a person: the system's error, or the problem with the entry at the path. */
export type LedgerError =
  | { readonly code: "ledger-unavailable"; readonly detail: string }
  /** The file does not belong only to this account, or is in a folder that others may write. It is left unchanged. */
  | { readonly code: "ledger-unsafe"; readonly detail: string; readonly place: UnsafePlace };

const unavailable = (error: unknown, file: string): Result<never, LedgerError> => ({
  ok: false,
  error: { code: "ledger-unavailable", detail: `${systemCode(error)}: ${file}` },
});

const notOpened = (error: OwnFileError): Result<never, LedgerError> =>
  error.code === "unavailable"
    ? { ok: false, error: { code: "ledger-unavailable", detail: error.detail } }
    : {
        ok: false,
        error: { code: "ledger-unsafe", detail: explainUnsafe(error.place), place: error.place },
      };

/**
 * Appends records. With "on-disk" it returns when they are synced. With "written" it returns when the system has them:
 * a killed process cannot lose them, and the next synced record syncs them too. First closes a last line that a crash
 * left torn, so that only that line is lost.
 */
export const appendConsents = async (
  file: string,
  records: readonly ConsentRecord[],
  until: "on-disk" | "written" = "on-disk",
): Promise<Result<null, LedgerError>> => {
  const opened = await openOwnFile(file, "append");
  if (!opened.ok) return notOpened(opened.error);
  try {
    await append(opened.value, records, until === "on-disk");
    return { ok: true, value: null };
  } catch (error) {
    return unavailable(error, file);
  }
};

const append = async (
  handle: FileHandle,
  records: readonly ConsentRecord[],
  isSynced: boolean,
): Promise<void> => {
  try {
    const { size } = await handle.stat();
    const end = size === 0 ? null : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await handle.appendFile(
      `${end === null || end === "\n" ? "" : "\n"}${records.map((record) => `${JSON.stringify(record)}\n`).join("")}`,
    );
    if (isSynced) await handle.datasync();
  } finally {
    await handle.close();
  }
};

/** Every consent in the ledger; empty if there is no ledger yet. */
export const readConsents = async (file: string): Promise<Result<Ledger, LedgerError>> => {
  const opened = await openOwnFile(file, "read");
  if (!opened.ok) {
    const isMissing = opened.error.code === "unavailable" && opened.error.errno === "ENOENT";
    return isMissing ? { ok: true, value: consentsFrom([]) } : notOpened(opened.error);
  }
  try {
    const lines = (await textOf(opened.value)).split("\n").filter((line) => line.trim() !== "");
    return { ok: true, value: consentsFrom(lines.map(parseJson)) };
  } catch (error) {
    return unavailable(error, file);
  }
};

const textOf = async (handle: FileHandle): Promise<string> => {
  try {
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
};

/** A folder whose key and grants are known. */
export type ConsentedFolder = {
  readonly workspace: string;
  readonly provider: Provider;
  readonly trustKey: string;
  readonly grants: readonly Grant[];
};

/** The line that must be on disk before anything uses the folder's trust. */
export const consentAsked = (
  { workspace, provider, trustKey, grants }: ConsentedFolder,
  cliVersion: string | null,
  via: Via,
): ConsentRecord => ({
  v: 1,
  id: randomUUID(),
  event: "asked",
  at: new Date().toISOString(),
  who: currentUser(),
  provider,
  cliVersion,
  folder: workspace,
  key: trustKey,
  grants,
  via,
});

/** The line with the outcome. */
export const consentEnded = (
  asked: ConsentRecord,
  code: Code,
  unplanned: readonly string[] = [],
): ConsentRecord => ({
  ...asked,
  event: "ended",
  at: new Date().toISOString(),
  code,
  ...(unplanned.length === 0 ? {} : { unplanned }),
});

/** A container may run under a uid without a name. */
const currentUser = (): ConsentRecord["who"] => {
  try {
    const { username: name, uid } = userInfo();
    return { name, uid };
  } catch (error) {
    systemCode(error);
    const uid = process.getuid?.() ?? -1;
    return { name: String(uid), uid };
  }
};
