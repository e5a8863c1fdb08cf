import { stateLock } from "@trust/claude-state-probe/node";
import {
  createRecorder,
  driveDialogs,
  formatCast,
  redactCast,
  redactText,
  screenText,
  type DriveEvent,
  type DriveResult,
  type Recorder,
  type Terminal,
} from "@trust/dialog-engine";
import { systemClock } from "@trust/dialog-engine/node";
import { endFrozen } from "@gatehouse/processes";
import type { Diagnostic, PendingFolder, PreflightProgress, Verdict } from "../../index.ts";
import { folderChanging, unguardedCli } from "../../diagnostic-messages.ts";
import { nothingPressed, noTimings, type Attempt } from "../../result-of.ts";
import { noStrayKeys } from "../../trust-keys.ts";
import { hasConfirmed, timingsFrom, verdictOf, nearDiagnostics } from "../../dialog-run.ts";
import { askCaller } from "./ask-caller.ts";
import type { Batch } from "./batch.ts";
import { createCommit, type Commit } from "../commit.ts";
import { keyStamp, checkProgram } from "../same-folder/check-program.ts";
import type { PendingGroup } from "../plan/strategy.ts";
import { wrongFolderVerdict, replacedVerdict } from "../same-folder/replaced-verdict.ts";
import { writeRecording } from "@gatehouse/fs-kit";

/** How long to wait for the CLI's own lock before the CLI is ended, ms; 2.1.328 holds it for 1 - 30 ms. */
const lockWaits = { afterCommit: 5_000, otherwise: 1_000, stale: 500 } as const;

/** Most starts per folder: another process may write in the folder while a CLI starts in it. */
const maxTries = 3;

type Tell = (step: PreflightProgress["step"], text: string) => void;

/** A CLI that was driven through its dialogs and is still running. */
type Run = {
  readonly terminal: Terminal;
  readonly result: DriveResult;
  readonly commit: Commit;
  readonly recorder: Recorder;
  /** The engine's events, without output. */
  readonly events: readonly DriveEvent[];
  /** Failures of the caller's `onQuestion`. */
  readonly failures: readonly Diagnostic[];
};

/**
 * Starts the CLI in the first of the folders (they share a trust key) and confirms trust during this folder's turn.
 * Waits until the CLI has written its state and released its lock, then ends it. The CLI never keeps running
 * afterwards.
 */
export const confirmFolder = async (group: PendingGroup, batch: Batch): Promise<Attempt> => {
  for (let tries = 1; ; tries += 1) {
    const attempt = await confirmOnce(group, batch);
    const { verdict } = attempt;
    const isChanging = verdict.code === "key-outside-folder" && verdict.why === folderChanging;
    if (!isChanging || tries === maxTries || batch.signal.aborted) return attempt;
  }
};

const confirmOnce = async (group: PendingGroup, batch: Batch): Promise<Attempt> => {
  const [folder] = group;
  const { workspace, provider, paths } = folder;
  const { cli, args, env } = batch;
  const tell: Tell = (step, text) => batch.onProgress({ workspace, provider, step, text });
  const startedAt = performance.now();
  const replaced = await replacedVerdict(folder, batch);
  if (replaced !== null) return notStarted(replaced, startedAt);
  const stamp = keyStamp(paths);
  tell("starting", `starts ${cli.path}`);
  const opened = await batch.openPty({ file: cli.path, args, cwd: paths.real, env });
  if (!opened.ok) return notStarted({ code: "pty-unavailable", detail: opened.error.message }, startedAt);
  const stopGuard = batch.guard.watch(opened.value.pid);
  const startMs = performance.now() - startedAt;
  const run = await drive(group, batch, { terminal: opened.value, stamp }, tell);
  const attempt = await finish(group, batch, run, { startedAt, startMs });
  stopGuard();
  return attempt;
};

const drive = async (
  group: PendingGroup,
  batch: Batch,
  { terminal, stamp }: { readonly terminal: Terminal; readonly stamp: string },
  tell: Tell,
): Promise<Run> => {
  const { cli, args, limits, consents, signal, onQuestion } = batch;
  const { paths, workspace } = group[0];
  const stop = new AbortController();
  const untilEnd = AbortSignal.any([signal, stop.signal]);
  const commit = createCommit(
    group,
    { via: "dialog", finalCheck: checkProgram(group[0], { pid: terminal.pid, stamp }) },
    batch,
    untilEnd,
    (text) => tell("waiting", text),
  );
  const recorder = createRecorder({ title: workspace, command: [cli.path, ...args].join(" ") });
  const events: DriveEvent[] = [];
  const failures: Diagnostic[] = [];
  const result = await driveDialogs({
    terminal,
    clock: systemClock,
    pack: batch.pack,
    consents,
    folder: { path: paths.real, home: batch.home },
    limits,
    until: "proof",
    watchProof: (onProven) => batch.watchTrusted(paths, onProven),
    beforeCommit: commit.begin,
    ...(onQuestion === undefined
      ? {}
      : { onQuestion: askCaller(group[0], batch, onQuestion, (failure) => failures.push(failure)) }),
    signal,
    onEvent: (event) => {
      recorder.record(event);
      if (event.type !== "output" && event.type !== "reply") events.push(event);
      if (event.type === "dialog") tell("asked", `asks ${event.dialog}`);
      if (event.type === "blank") tell("waiting", "has drawn nothing yet");
      if (event.type === "key" && event.key === "enter") tell("confirming", "confirms");
    },
  });
  stop.abort();
  return { terminal, result, commit, recorder, events, failures };
};

const finish = async (
  group: PendingGroup,
  batch: Batch,
  { terminal, result, commit, recorder, events, failures }: Run,
  { startedAt, startMs }: { readonly startedAt: number; readonly startMs: number },
): Promise<Attempt> => {
  const drivenAt = performance.now();
  const [folder] = group;
  const confirmed = hasConfirmed(events);
  const wrongFolder = await wrongFolderBehind(result, terminal, folder);
  const locked = batch.alsoLocked?.(folder.paths);
  const { isFree, reaped } = await endFrozen(terminal, batch.file, lockWait(batch, confirmed), locked);
  const stray = confirmed ? await commit.strayKeys() : noStrayKeys;
  if (confirmed) batch.answers.push({ group, commit, stray });
  const judged = verdictOf(result, {
    trustKey: folder.trustKey,
    file: batch.file,
    timeoutMs:
      result.outcome === "timeout" && result.limit === "phase" ? batch.limits.phaseMs : batch.limits.totalMs,
    hasConfirmed: confirmed,
    isTrusted: result.outcome === "proven" || (await batch.isTrusted(folder.paths)),
    unasked: batch.unasked,
    wider: stray.wider,
    refusal: commit.refusal(),
  });
  const verdict = wrongFolder ?? judged;
  const turned = await commit.endTurn();
  const [closed] = await Promise.all([commit.close(verdict.code, stray.wider), reaped]);
  const settleMs = performance.now() - drivenAt;
  const recorded = await record(folder, batch, recorder);
  return {
    verdict,
    screen: screenText(result.screen, (text) => redactText(text, batch.secrets, batch.home)),
    timings: timingsFrom(events, { startMs, settleMs }),
    durationMs: performance.now() - startedAt,
    via: "dialog",
    isAnswered: confirmed,
    dialogs: result.dialogs,
    keys: result.keys,
    grants: commit.grants(),
    ...recorded,
    diagnostics: [
      ...lockDiagnostics(batch, isFree),
      ...guardDiagnostics(batch),
      ...turned,
      ...closed,
      ...recorded.diagnostics,
      ...nearDiagnostics(result, batch),
      ...failures,
    ],
  };
};

/** A trust dialog that names another folder matches no rule. If the CLI works in another folder, that is the verdict. */
const wrongFolderBehind = async (
  result: DriveResult,
  { pid }: Terminal,
  folder: PendingFolder,
): Promise<Verdict | null> =>
  result.outcome === "blocked" && result.code === "unknown-dialog"
    ? (await wrongFolderVerdict(pid, folder)).verdict
    : null;

const lockWait = ({ hasStaleLock }: Batch, confirmed: boolean): number => {
  if (hasStaleLock) return lockWaits.stale;
  return confirmed ? lockWaits.afterCommit : lockWaits.otherwise;
};

const lockDiagnostics = ({ hasStaleLock, file }: Batch, isFree: boolean): readonly Diagnostic[] => {
  if (isFree && !hasStaleLock) return [];
  const when = hasStaleLock
    ? "existed before anything was started"
    : "still existed when the program was ended";
  return [{ code: "stale-cli-lock", message: `${stateLock(file)} ${when}.` }];
};

const guardDiagnostics = ({ unguarded }: Batch): readonly Diagnostic[] => {
  const detail = unguarded();
  return detail === null ? [] : [{ code: "unguarded", message: unguardedCli(detail) }];
};

const record = async (
  folder: PendingFolder,
  { recordDir, secrets, home }: Batch,
  recorder: Recorder,
): Promise<Pick<Attempt, "diagnostics" | "recording">> => {
  if (recordDir === undefined) return { diagnostics: [] };
  const written = await writeRecording(recordDir, folder, {
    text: formatCast(redactCast(recorder.cast(), secrets, home)),
    ending: "cast",
  });
  return written.ok
    ? { diagnostics: [], recording: written.value }
    : { diagnostics: [{ code: "recording-failed", message: written.error }] };
};

/** The outcome for a folder for which nothing was started. */
export const notStarted = (verdict: Verdict, startedAt: number): Attempt => ({
  verdict,
  screen: "",
  timings: noTimings,
  durationMs: performance.now() - startedAt,
  diagnostics: [],
  via: null,
  ...nothingPressed,
});
