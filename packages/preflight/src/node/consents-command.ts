import { resolve } from "node:path";
import { renderConsents, type Consent } from "../index.ts";
import { dataFolder, ledgerFile } from "./data-folder.ts";
import { paintFor, printFailure, printJson, type Io } from "./io.ts";
import { readConsents } from "./ledger-file.ts";

export type ConsentsFlags = { readonly data?: string; readonly json?: boolean };

/** Prints who asked for which folder, and what came of it: all, or those for one folder and what lies in it. */
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
