import type { TrustProbe } from "../trust-probe.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { probeState, type ProbeContext } from "./probe-trust.ts";
import { stateFile } from "./state-file.ts";
import type { Stop } from "@gatehouse/processes";
import { watchState } from "./watch-state.ts";

export type WatchQuestion = ProbeContext & {
  readonly paths: WorkspacePaths;
  /** Aborting it has the same effect as calling the `Stop`. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Passes the answer for one folder to `onChange` now, and again each time it changes, within milliseconds of
 * Claude Code's write. Watches of one state file share one read of it. `onChange` is not called after the
 * `Stop`.
 */
export const watchTrust = (question: WatchQuestion, onChange: (probe: TrustProbe) => void): Stop => {
  const { paths, env, home, signal } = question;
  let lastAnswer = "";
  let stopped = signal?.aborted ?? false;
  let order = Promise.resolve();
  const report = (probe: TrustProbe): void => {
    const answer = `${probe.state} ${probe.code} ${probe.key}`;
    if (stopped || answer === lastAnswer) return;
    lastAnswer = answer;
    onChange(probe);
  };
  if (stopped) return () => {};
  const file = stateFile(env, home);
  const stopState = watchState(file, (state) => {
    order = order.then(async () => report(await probeState(state, file, paths, question)));
  });
  const stop = (): void => {
    stopped = true;
    signal?.removeEventListener("abort", stop);
    stopState();
  };
  signal?.addEventListener("abort", stop, { once: true });
  return stop;
};
