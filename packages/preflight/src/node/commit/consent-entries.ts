import { isDeepStrictEqual } from "node:util";
import type { Code, Diagnostic, FoundCli, Grant, Result, Via } from "../../index.ts";
import { consentAsked, consentEnded, appendConsents, type LedgerError } from "../ledger-file.ts";
import type { PendingGroup } from "../plan/strategy.ts";

/** The ledger's entries for one answer: one for each folder that it covers. */
export type ConsentEntries = {
  /** Resolves when the planned consents are written. */
  readonly written: Promise<Result<null, LedgerError>>;
  /** Writes them again if the folders' grants have changed. */
  renew(grants: readonly (readonly Grant[])[]): Promise<Result<null, LedgerError>>;
  /** The recorded grants, by workspace. */
  grants(): ReadonlyMap<string, readonly Grant[]>;
  /** Records the outcome, if the consent was recorded. */
  close(code: Code, unplanned?: readonly string[]): Promise<readonly Diagnostic[]>;
};

export const recordConsents = (
  group: PendingGroup,
  ledger: string,
  by: { readonly cli: FoundCli; readonly via: Via },
): ConsentEntries => {
  let asked = group.map((folder) => consentAsked(folder, by.cli.version, by.via));
  const written = appendConsents(ledger, asked);
  return {
    written,
    grants: () => new Map(asked.map(({ folder, grants }) => [folder, grants])),
    renew: async (grants) => {
      const isSame = asked.every((record, at) => isDeepStrictEqual(record.grants, grants[at]));
      if (isSame) return { ok: true, value: null };
      asked = asked.map((record, at) => ({ ...record, grants: grants[at] ?? [] }));
      return appendConsents(ledger, asked);
    },
    close: async (code, unplanned) => {
      if (!(await written).ok) return [];
      const ended = asked.map((record) => consentEnded(record, code, unplanned));
      // The consents are on disk. A power cut may lose the outcome, but the CLI's state shows it.
      const closed = await appendConsents(ledger, ended, "written");
      return closed.ok ? [] : [{ code: "ledger-incomplete", message: incomplete(closed.error.detail) }];
    },
  };
};

const incomplete = (detail: string): string => `The outcome is missing in the consent ledger: ${detail}`;
