import { oneLine } from "@gatehouse/std";
import type { Exit } from "@nc/container-runtime";
import type { LoopTimes } from "../loop-times.ts";
import { backoff } from "@gatehouse/std";
import { longestWaitMs } from "@gatehouse/session-rows";
import { maxTries } from "./judge.ts";
import type { SessionState, Stepped, WakeFailure, WakePlan, Workload } from "./session-state.ts";

/** The plan without a failed start. */
export const noFailure: WakePlan = { failures: 0, notBefore: 0, failure: null, reportedReason: null };

/**
 * Plans the next start, and decides whether the reason of this failure is reported to people. A start that a signal ended
 * is retried silently first, as often as a message is tried, so most people never see it.
 */
export const startFailed = (
  state: SessionState,
  failure: WakeFailure,
  at: number,
  { wakeRetryMs }: LoopTimes,
): Stepped => {
  const { reason, isKilled } = failure;
  const failures = state.wake.failures + 1;
  const waitMs = backoff({ first: wakeRetryMs, most: longestWaitMs }, failures);
  const isReported = !isKilled || failures >= maxTries;
  const reportedReason = isReported ? reason : state.wake.reportedReason;
  const isNew = state.wake.reportedReason !== reason;
  return {
    state: { ...state, wake: { failures, notBefore: at + waitMs, failure, reportedReason } },
    effects: [
      { do: "reconcile-at", at: at + waitMs },
      { do: "log", event: "wake-failed", fields: { failures, reason, waitMs } },
      ...(isReported ? [{ do: "tell-failed-wake", reason, isNew, failures } as const] : []),
    ],
  };
};

/** A workload that did nothing, and exited early by itself or was outdated, counts as a failed start. */
export const failedStart = (
  { run, why }: Extract<Workload, { readonly is: "exited" }>,
  exit: Exit,
  isSoon: boolean,
): WakeFailure | null => {
  if (run.hasWorked) return null;
  if (why === "outdated")
    return {
      reason:
        "its runner is of another version, which its image brings: gatehouse image build, and for Pods push it.",
      isKilled: true,
    };
  if (why !== null || !isSoon) return null;
  return { reason: quickExit(exit), isKilled: exit.signal !== null || exit.code === null };
};

/** Most characters of a line that a runner wrote in a sentence of the host. */
const mostOfLastLine = 300;

/** If the workload exited while no host watched it, neither code nor signal is known. */
const quickExit = ({ code, signal, lastLines }: Exit): string => {
  const how = signal ?? (code === null ? "by a signal" : `exit code ${code}`);
  const last = oneLine(lastLines.at(-1) ?? "", mostOfLastLine);
  return last === "" ? `its program ended at once (${how}).` : `its program ended at once (${how}): ${last}`;
};
