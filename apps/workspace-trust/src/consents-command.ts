import { resolve } from "node:path";
import { renderConsents } from "@gatehouse/trust-cli";
import type { Consent } from "@trust/preflight";
import { dataFolder, ledgerFile } from "@gatehouse/fs-kit";
import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { readConsents } from "@trust/preflight/node";

export type ConsentsFlags = { readonly data?: string; readonly json?: boolean };

/** Prints the consents of all folders, or of one folder and its subfolders. Returns the exit code. */
export const consentsCommand = async (
  folder: string | undefined,
  { data, json = false }: ConsentsFlags,
  io: Io,
): Promise<number> => {
  const ledger = await readConsents(ledgerFile(dataFolder(io.env, data)));
  if (!ledger.ok) {
    const { code, detail } = ledger.error;
    printFailure(io, json, { code, message: `The consent ledger cannot be read (${detail}).` });
    return 1;
  }
  const wanted = folder === undefined ? null : resolve(io.cwd, folder);
  const consents = ledger.value.consents.filter((consent) => wanted === null || concerns(consent, wanted));
  const { unreadable } = ledger.value;
  if (json) printJson(io, { ok: true, consents, unreadable });
  else io.stdout.write(renderConsents({ consents, unreadable }, paintFor(io), wanted ?? undefined));
  return 0;
};

const concerns = ({ folder, key }: Consent, wanted: string): boolean =>
  [folder, key].some((path) => path === wanted || path.startsWith(wanted === "/" ? "/" : `${wanted}/`));
