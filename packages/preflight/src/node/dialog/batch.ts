import { waitForLockGone } from "@trust/claude-state-probe/node";
import {
  defaultLimits,
  impliedConsents,
  secretsIn,
  type Consents,
  type DriveLimits,
} from "@trust/dialog-engine";
import { createGuard, openPty as openNodePty, type Guard } from "@trust/dialog-engine/node";
import type { FoundCli, OpenPty, PreflightProgress, Result, Verdict, Watch } from "../../index.ts";
import type { PromptedCli } from "./prompted-cli.ts";
import { ledgerFile, prepareDataFolder } from "@gatehouse/fs-kit";
import { createReadKeys, type ReadKeys, type Answer } from "../read-keys.ts";
import type { ConfirmContext } from "../plan/strategy.ts";
import { createSlots, type StartSlots } from "../turns/slots.ts";
import { turnLock } from "../turns/turn-lock.ts";
import { createTurns, type TakeTurn } from "../turns/turns.ts";

/** The data that the folders of one batch share while they are confirmed. Times in milliseconds. */
export type Batch = Omit<PromptedCli, "withArgs" | "defaultTimeoutMs" | "homeFile" | "trustedKeys"> & {
  readonly cli: FoundCli;
  readonly args: readonly string[];
  readonly home: string;
  readonly limits: DriveLimits;
  readonly consents: Consents;
  readonly refuseGrants: boolean;
  readonly takeTurn: TakeTurn;
  readonly slots: StartSlots;
  readonly readKeys: ReadKeys;
  /** Ends the started CLIs if our process is killed. */
  readonly guard: Guard;
  /** The reason if the guard does not run; null if it runs. */
  readonly unguarded: () => string | null;
  /** One for each group whose CLI received a confirming key. */
  readonly answers: Answer[];
  readonly ledger: string;
  /** Texts that must not appear on any screen or recording. */
  readonly secrets: readonly string[];
  /** A lock was already beside the state file before anything was started. */
  readonly hasStaleLock: boolean;
  readonly recordDir: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PreflightProgress) => void;
  readonly onQuestion: Watch["onQuestion"];
  readonly openPty: OpenPty;
};

/** Maximum wait for one commit of another process. Its whole batch may go first. */
const turnTimeout = 60_000;

/** Extra time for a lock that a killed CLI left behind: 2.1.328 waits up to 15 s for it, then breaks it. */
const staleLockBonus = 20_000;

/** A lock that disappears within this time was in use, not left behind. */
const busyLock = 100;

/** Lends a batch's resources (its files, its turns) while `use` runs, or returns why they are unavailable. */
export const withBatch = async <T>(
  { request, provider, cli, home, planned, signal, onProgress, onQuestion, openPty }: ConfirmContext,
  { withArgs, defaultTimeoutMs, homeFile, trustedKeys, ...prompted }: PromptedCli,
  use: (batch: Batch) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const { file } = prompted;
  const prepared = await prepareDataFolder(request.dataDir);
  if (!prepared.ok) return noRoom("ledger-not-writable", prepared.error.detail, file);
  const lock = await turnLock({ provider, home, file, homeFile });
  const usual = limitsFor(request.timeoutMs ?? defaultTimeoutMs);
  const limits = await pastStaleLock(usual, { file, signal });
  // If a CLI must run alone, the wait for a turn includes another folder's whole run.
  const turnMs = turnTimeout + (prompted.runsAlone ? limits.totalMs : 0);
  let unguarded: string | null = null;
  const guard = createGuard((detail) => (unguarded ??= detail));
  const lent = await withArgs((args) =>
    use({
      ...prompted,
      cli,
      args,
      home,
      limits,
      consents: { ...impliedConsents, ...request.consents },
      takeTurn: createTurns(lock, file, turnMs),
      slots: createSlots(lock.path, turnMs),
      readKeys: createReadKeys(trustedKeys, planned),
      answers: [],
      guard,
      unguarded: () => unguarded,
      refuseGrants: request.refuseGrants ?? false,
      ledger: ledgerFile(request.dataDir),
      secrets: secretsIn(request.env),
      hasStaleLock: limits !== usual,
      recordDir: request.recordDir,
      signal,
      onProgress,
      onQuestion,
      openPty: openPty ?? openNodePty,
    }).finally(() => guard.stop()),
  );
  return lent.ok ? lent : noRoom("temp-not-writable", lent.error.detail, file);
};

/** A phase keeps its share of the folder's time if the caller allows more time for a slow machine. */
const limitsFor = (timeoutMs: number): DriveLimits => {
  const share = (timeoutMs * defaultLimits.phaseMs) / defaultLimits.totalMs;
  return { totalMs: timeoutMs, phaseMs: Math.max(defaultLimits.phaseMs, share) };
};

/** The same limits, or longer ones if the CLI will find a lock that a killed CLI left behind. */
export const pastStaleLock = async (
  limits: DriveLimits,
  { file, signal }: Pick<Batch, "file" | "signal">,
): Promise<DriveLimits> => {
  const gone = await waitForLockGone(file, { timeoutMs: busyLock, signal });
  if (gone.ok) return limits;
  return { totalMs: limits.totalMs + staleLockBonus, phaseMs: limits.phaseMs + staleLockBonus };
};

/** The verdict if one of our own files on disk cannot be written. */
export const noRoom = (
  type: "ledger-not-writable" | "temp-not-writable",
  detail: string,
  file: string,
): Result<never, Verdict> => ({
  ok: false,
  error: { code: "trust-not-persisted", reason: { type, detail }, file },
});
