import { isDeepStrictEqual } from "node:util";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import { loadNative } from "@gatehouse/fs-kit";
import { unplannedKey, unreadKeys } from "../diagnostic-messages.ts";
import type { Code, Diagnostic, FoundCli, Grant, PendingFolder, Result, Verdict, Via } from "../index.ts";
import { noStrayKeys, sortKeys, type StrayKeys } from "../trust-keys.ts";
import type { ReadKeys } from "./read-keys.ts";
import { consentAsked, consentEnded, appendConsents, type LedgerError } from "./ledger-file.ts";
import type { FinalCheck } from "./same-folder/check-program.ts";
import { replacedVerdict } from "./same-folder/replaced-verdict.ts";
import type { PendingGroup } from "./plan/strategy.ts";
import type { TakeTurn, Turn } from "./turns/turns.ts";

/**
 * The steps before one confirming key: write the consents, take the turn, then check folder, program and state a last
 * time.
 */
export type Commit = {
  /** Resolves when the key may be pressed; rejects if it must not be, with the reason in `refusal`. */
  begin(): Promise<void>;
  refusal(): Verdict | null;
  /** The recorded grants of the folders' own files, by workspace. */
  grants(): ReadonlyMap<string, readonly Grant[]>;
  /** Unplanned keys that became trusted since the key. Call it during the turn, when the CLI writes no more. */
  strayKeys(): Promise<StrayKeys>;
  /** Ends the turn. Returns its diagnostics. */
  endTurn(): Promise<readonly Diagnostic[]>;
  /** Records the outcome, if the consent was recorded. A later call corrects it. */
  close(code: Code, unplanned?: readonly string[]): Promise<readonly Diagnostic[]>;
};

/** The parts of a batch that a commit needs. */
export type CommitBatch = {
  readonly cli: FoundCli;
  readonly home: string;
  /** The CLI's state: a file or a folder. */
  readonly file: string;
  readonly ledger: string;
  readonly takeTurn: TakeTurn;
  readonly readKeys: ReadKeys;
  /** The key that the CLI's state would use for the folder. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** True if the CLI's state covers the folder now. */
  readonly isTrusted: (paths: WorkspacePaths) => Promise<boolean>;
  /** The grants in the folder's own files now. */
  readonly grantsOf: (paths: WorkspacePaths) => Promise<readonly Grant[]>;
  readonly refuseGrants: boolean;
};

/** How the answer is given, and the last check before it. */
export type Asking = { readonly via: Via; readonly finalCheck: FinalCheck };

export const createCommit = (
  group: PendingGroup,
  { via, finalCheck }: Asking,
  batch: CommitBatch,
  signal: AbortSignal,
  onWait: (text: string) => void,
): Commit => {
  const { file, ledger, cli } = batch;
  const entries = recordConsents(group, ledger, { cli, via });
  // The turn needs it, and no folder should wait for it then.
  loadNative();
  const diagnostics: Diagnostic[] = [];
  let turn: Turn | null = null;
  let refusal: Verdict | null = null;
  let begun: Promise<void> = Promise.resolve();

  const refuse = (verdict: Verdict): never => {
    refusal = verdict;
    throw new Error(`not committed: ${verdict.code}`);
  };

  const begin = async (): Promise<void> => {
    const unwritten = notWritten(await entries.written, file);
    if (unwritten !== null) refuse(unwritten);
    const taken = await batch.takeTurn(signal, onWait);
    if (!taken.ok) return refuse(taken.error);
    turn = taken.value;
    const reason = (await checkState(group[0], batch)) ?? (await checkGrants(group, entries, batch));
    if (reason !== null) refuse(reason);
    const looked = await finalCheck();
    diagnostics.push(...looked.diagnostics);
    if (looked.verdict !== null) refuse(looked.verdict);
  };

  return {
    refusal: () => refusal,
    grants: entries.grants,
    begin: () => (begun = begin()),
    strayKeys: () => strayKeysOf(group, batch.readKeys, (diagnostic) => diagnostics.push(diagnostic)),
    endTurn: async () => {
      try {
        await begun;
      } catch (error) {
        // Without a refusal it is a bug, not a cancellation. The run has already ended, so only this call can report it.
        if (refusal === null) throw error;
      } finally {
        await turn?.end();
      }
      const unshared = turn?.unshared ?? null;
      if (unshared === null) return diagnostics;
      return [...diagnostics, { code: "lock-unavailable", message: unlocked(unshared) }];
    },
    close: entries.close,
  };
};

/** Checks state and folder before the answer: the first reason not to give it, or null. */
const checkState = async (folder: PendingFolder, batch: CommitBatch): Promise<Verdict | null> => {
  if (await batch.isTrusted(folder.paths))
    return { code: "already-trusted-after-wait", key: folder.trustKey };
  const read = await batch.readKeys();
  if (!read.ok) return { code: "state-unreadable", file: batch.file, why: read.error };
  return replacedVerdict(folder, batch);
};

/** Grants may have appeared while the folder waited. Records them, and refuses them before the answer if requested. */
const checkGrants = async (
  group: PendingGroup,
  entries: ConsentEntries,
  { grantsOf, refuseGrants, file }: CommitBatch,
): Promise<Verdict | null> => {
  const grants = await Promise.all(group.map((folder) => grantsOf(folder.paths)));
  const unwritten = notWritten(await entries.renew(grants), file);
  const refused = refuseGrants ? grants.flat() : [];
  return refused.length > 0 ? { code: "grants-refused", grants: refused } : unwritten;
};

const notWritten = (written: Result<null, LedgerError>, file: string): Verdict | null =>
  written.ok
    ? null
    : {
        code: "trust-not-persisted",
        reason: { type: "ledger-not-writable", detail: written.error.detail },
        file,
      };

/** The keys that became trusted since the key and were planned for no folder. Also reports them as a diagnostic. */
const strayKeysOf = async (
  group: PendingGroup,
  readKeys: ReadKeys,
  report: (diagnostic: Diagnostic) => void,
): Promise<StrayKeys> => {
  const looked = await readKeys();
  if (!looked.ok) {
    report({ code: "keys-unread", message: unreadKeys(looked.error) });
    return noStrayKeys;
  }
  const { now, fresh } = looked.value;
  const places = group.map((folder) => folder.paths);
  const stray = sortKeys(fresh, places, now.has(group[0].trustKey), thisPlatform);
  if (stray.others.length > 0) report({ code: "unplanned-key", message: unplannedKey(stray.others) });
  return stray;
};

const unlocked = (detail: string): string =>
  `Other preflights could not be kept out while this one committed: ${detail}`;

/** The ledger's entries for one answer: one for each folder that it covers. */
type ConsentEntries = {
  /** Resolves when the planned consents are written. */
  readonly written: Promise<Result<null, LedgerError>>;
  /** Writes them again if the folders' grants have changed. */
  renew(grants: readonly (readonly Grant[])[]): Promise<Result<null, LedgerError>>;
  /** The recorded grants, by workspace. */
  grants(): ReadonlyMap<string, readonly Grant[]>;
  /** Records the outcome, if the consent was recorded. */
  close(code: Code, unplanned?: readonly string[]): Promise<readonly Diagnostic[]>;
};

const recordConsents = (
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
