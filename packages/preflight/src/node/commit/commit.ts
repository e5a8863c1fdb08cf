import type { WorkspacePaths } from "@trust/claude-state-probe";
import { restless, unknownCwd, unplannedKey, unreadKeys } from "../../explain/look.ts";
import type { Code, Diagnostic, FoundCli, PendingFolder, Verdict } from "../../index.ts";
import { noStrayKeys, sortKeys, type StrayKeys } from "../../stray-keys.ts";
import type { KeyWatch } from "./key-watch.ts";
import { consentAsked, consentEnded } from "../ledger/consent-record.ts";
import { keyStamp } from "../same-folder/key-stamp.ts";
import { appendConsents } from "../ledger/ledger-file.ts";
import { elsewhereVerdict, replacedVerdict } from "../same-folder/replaced-verdict.ts";
import type { PendingGroup } from "../plan/strategy.ts";
import { takeTurn } from "../turns/take-turn.ts";
import type { Turn, Turns } from "../turns/turns.ts";

/** The way to one confirming key: the consents on record, then the turn, then a last look at folder, program and state. */
export type Commit = {
  /** Resolves when the key may be pressed; rejects when it must not, for the reason in `refusal`. */
  begin(): Promise<void>;
  refusal(): Verdict | null;
  /** What became trusted since the key and nobody planned. Asked while the turn is held, when the CLI writes no more. */
  strayKeys(): Promise<StrayKeys>;
  /** Gives the turn back. Returns what is worth knowing about it. */
  endTurn(): Promise<readonly Diagnostic[]>;
  /** Records the outcome, if the consent was recorded. It may be corrected by another. */
  close(code: Code, unplanned?: readonly string[]): Promise<readonly Diagnostic[]>;
};

/** What a commit needs of its batch. */
export type CommitBatch = {
  readonly cli: FoundCli;
  readonly home: string;
  /** The CLI's state: a file or a folder. */
  readonly file: string;
  readonly ledger: string;
  readonly turns: Turns;
  readonly keys: KeyWatch;
  /** The key that its state would have for the folder. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** Whether its state covers the folder now. */
  readonly isTrusted: (paths: WorkspacePaths) => Promise<boolean>;
};

/** A program that was started, and the `keyStamp` of its folder from right before. */
export type Started = { readonly pid: number; readonly stamp: string };

export const createCommit = (
  group: PendingGroup,
  started: Started,
  batch: CommitBatch,
  signal: AbortSignal,
  onWait: (text: string) => void,
): Commit => {
  const { file, ledger, cli } = batch;
  const asked = group.map((folder) => consentAsked(folder, cli.version));
  const recorded = appendConsents(ledger, asked);
  batch.turns.prepare();
  const diagnostics: Diagnostic[] = [];
  let turn: Turn | null = null;
  let refusal: Verdict | null = null;
  let begun: Promise<void> = Promise.resolve();

  const refuse = (verdict: Verdict): never => {
    refusal = verdict;
    throw new Error(`not committed: ${verdict.code}`);
  };

  const begin = async (): Promise<void> => {
    const written = await recorded;
    if (!written.ok) {
      const reason = { type: "ledger-not-writable", detail: written.error.detail } as const;
      return refuse({ code: "trust-not-persisted", reason, file });
    }
    const taken = await takeTurn(batch, signal, onWait);
    if (!taken.ok) return refuse(taken.error);
    turn = taken.value;
    const looked = await lastLook(group[0], started, batch);
    if (looked.verdict !== null) refuse(looked.verdict);
    if (looked.isUnknown) diagnostics.push({ code: "cwd-unknown", message: unknownCwd });
  };

  return {
    refusal: () => refusal,
    begin: () => (begun = begin()),
    strayKeys: () => strayKeysOf(group, batch.keys, (diagnostic) => diagnostics.push(diagnostic)),
    endTurn: async () => {
      try {
        await begun;
      } catch (error) {
        // Without a refusal it is a bug, and no cancellation: the run has ended, and only here is it heard of.
        if (refusal === null) throw error;
      } finally {
        await turn?.end();
      }
      const unshared = turn?.unshared ?? null;
      if (unshared === null) return diagnostics;
      return [...diagnostics, { code: "lock-unavailable", message: unlocked(unshared) }];
    },
    close: async (code, unplanned) => {
      if (!(await recorded).ok) return [];
      const ended = asked.map((record) => consentEnded(record, code, unplanned));
      const written = await appendConsents(ledger, ended);
      return written.ok ? [] : [{ code: "ledger-incomplete", message: incomplete(written.error.detail) }];
    },
  };
};

/** The last look at state, folder and program before the key: the first reason not to press it, or null. */
const lastLook = async (
  folder: PendingFolder,
  { pid, stamp }: Started,
  batch: CommitBatch,
): Promise<{ readonly verdict: Verdict | null; readonly isUnknown: boolean }> => {
  const no = (verdict: Verdict) => ({ verdict, isUnknown: false });
  const { paths, trustKey } = folder;
  if (await batch.isTrusted(paths)) return no({ code: "already-trusted-after-wait", key: trustKey });
  const read = await batch.keys.before();
  if (!read.ok) return no({ code: "state-unreadable", file: batch.file, why: read.error });
  const replaced = await replacedVerdict(folder, batch);
  if (replaced !== null) return no(replaced);
  const elsewhere = await elsewhereVerdict(pid, folder);
  if (elsewhere.verdict !== null) return no(elsewhere.verdict);
  if (keyStamp(paths) !== stamp)
    return no({ code: "key-outside-folder", key: null, why: restless, isReplaced: true });
  return elsewhere;
};

/** What became trusted since the key and was planned for no folder. Reports it as a diagnostic, too. */
const strayKeysOf = async (
  group: PendingGroup,
  keys: KeyWatch,
  report: (diagnostic: Diagnostic) => void,
): Promise<StrayKeys> => {
  const looked = await keys.after();
  if (!looked.ok) {
    report({ code: "keys-unread", message: unreadKeys(looked.error) });
    return noStrayKeys;
  }
  const { now, fresh } = looked.value;
  const places = group.map((folder) => folder.paths);
  const stray = sortKeys(fresh, places, now.has(group[0].trustKey));
  if (stray.others.length > 0) report({ code: "unplanned-key", message: unplannedKey(stray.others) });
  return stray;
};

const unlocked = (detail: string): string =>
  `Other preflights could not be kept out while this one committed: ${detail}`;
const incomplete = (detail: string): string => `The outcome is missing in the consent ledger: ${detail}`;
