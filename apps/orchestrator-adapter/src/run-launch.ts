import { realpathSync } from "node:fs";
import { stateFile } from "@trust/claude-state-probe/node";
import { redactText, screenText, secretsIn, type Terminal } from "@trust/dialog-engine";
import { createGuard, openPty, systemClock, type PtyError } from "@trust/dialog-engine/node";
import { homeOf } from "@gatehouse/fs-kit";
import { endAgent, endGroup, exitOf, lastOutputMs, shellCode } from "@gatehouse/processes";
import { packOfProvider } from "./pack-of-provider.ts";
import type { LaunchEvent } from "./events.ts";
import { sightMessage, unguardedMessage, unprovenMessage } from "./event-messages.ts";
import type { Launch } from "./launch.ts";
import { recordLaunch } from "./record-launch.ts";
import { abortOf, type Result } from "@gatehouse/std";
import type { Sight } from "./read-sight.ts";
import { watchConfig } from "./watch-config.ts";
import { watchScreen } from "./watch-screen.ts";

/** The callback for events, the signal that ends the run, and the folder for its recording. */
export type RunOptions = {
  readonly tell: (event: LaunchEvent) => void;
  readonly signal: AbortSignal;
  /** The folder for a recording of the start. Without it nothing is recorded. */
  readonly recordDir?: string | undefined;
};

/** The exit code if the folder is not trusted and a person is needed. */
const personNeeded = 3;
const interrupted = 130;

/**
 * Starts a planned launch and waits until the agent has ended: by itself, because its folder is not trusted,
 * or by an abort. Returns the exit code. By then no process of the agent runs any more.
 */
export const runLaunch = async (
  launch: Launch,
  { tell, signal, recordDir }: RunOptions,
): Promise<Result<number, PtyError>> => {
  const refused = refusedBy(launch, { tell, signal });
  if (refused !== null) return { ok: true, value: refused };
  const { argv, cwd, env } = launch;
  const [file, ...args] = argv;
  const changedConfig = await watchConfig(launch);
  const opened = await openPty({ file, args, cwd, env });
  if (!opened.ok) return opened;
  tell({ event: "started" });
  if (packOfProvider(launch.provider) === null)
    tell({ event: "diagnostic", code: "readiness-unproven", why: unprovenMessage(launch) });
  const recorded = { launch, terminal: opened.value, clock: systemClock };
  const recording = recordDir === undefined ? null : recordLaunch({ ...recorded, dir: recordDir });
  const ended = await watchUntilEnd(launch, opened.value, { tell, signal, saw: recording?.saw });
  const changed = await changedConfig();
  if (changed !== null) tell({ event: "diagnostic", code: changed.code, why: changed.message });
  const written = await recording?.write();
  if (written?.ok === false) tell({ event: "diagnostic", code: "recording-failed", why: written.error });
  tell({ ...ended.exited, ...(written?.ok ? { recording: written.value } : {}) });
  return { ok: true, value: ended.code };
};

/** Reports the launch's diagnostics. Returns the exit code if the launch is refused or aborted; else null. */
export const refusedBy = (
  { diagnostics, trust }: Launch,
  { tell, signal }: Pick<RunOptions, "tell" | "signal">,
): number | null => {
  for (const { code, message } of diagnostics) tell({ event: "diagnostic", code, why: message });
  if (trust.refusal === null) return signal.aborted ? interrupted : null;
  const { code, message } = trust.refusal;
  tell({ event: "workspace_trust_required", key: trust.key, code, why: message });
  return personNeeded;
};

/** Why an agent's run ended. */
type Reason = "exited" | "untrusted" | "aborted";

type Ended = {
  readonly exited: Extract<LaunchEvent, { event: "exited" }>;
  /** The adapter's own exit code. */
  readonly code: number;
};

type WatchOptions = Pick<RunOptions, "tell" | "signal"> & {
  /** Called with each sight, for a recording. */
  readonly saw: ((sight: Sight) => void) | undefined;
};

const watchUntilEnd = async (
  launch: Launch,
  terminal: Terminal,
  { tell, signal, saw = () => {} }: WatchOptions,
): Promise<Ended> => {
  const pack = packOfProvider(launch.provider);
  const untrusted = new AbortController();
  let isReady = false;
  const onSight = (sight: Sight): void => {
    tell(launchEventOf(sight, launch));
    saw(sight);
    if (sight.type === "ready") isReady = true;
    if (sight.type === "trust") untrusted.abort();
  };
  const guard = createGuard((detail) =>
    tell({ event: "diagnostic", code: "unguarded", why: unguardedMessage(detail) }),
  );
  guard.watch(terminal.pid);
  const { isProven } = launch.trust;
  const folder = { path: realpathSync.native(launch.cwd), home: homeOf(launch.env) };
  const watching = watchScreen({ terminal, clock: systemClock, pack, isProven, folder, onSight });
  const exit = exitOf(terminal);
  const why = await Promise.race<Reason>([
    exit.then(() => "exited"),
    abortOf(untrusted.signal).then(() => "untrusted"),
    abortOf(signal).then(() => "aborted"),
  ]);
  if (why === "exited") {
    endGroup(terminal.pid);
    await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
    const last = watching.last();
    if (last !== null && last.type !== "ready") onSight(last);
  } else await endAgent(terminal, lockedFile(launch));
  const exitCode = shellCode(await exit);
  const lastWords = why === "exited" && exitCode !== 0 && !isReady ? wordsOf(watching.rows(), launch) : "";
  watching.stop();
  guard.stop();
  // The agent may have ended during its question, before the question was reported or because of it.
  const reason = why === "exited" && untrusted.signal.aborted ? "untrusted" : why;
  const code = { exited: exitCode, untrusted: personNeeded, aborted: interrupted }[reason];
  return { exited: { event: "exited", exitCode, ...(lastWords === "" ? {} : { why: lastWords }) }, code };
};

/** The last screen of an agent that failed: redacted and bounded. */
const wordsOf = (rows: readonly string[], { env }: Launch): string =>
  screenText(rows, (text) => redactText(text, secretsIn(env), homeOf(env)));

const launchEventOf = (sight: Sight, { trust }: Launch): LaunchEvent => {
  switch (sight.type) {
    case "ready":
      return { event: "ready" };
    case "trust":
      return {
        event: "workspace_trust_required",
        key: trust.key,
        code: "trust-dialog",
        why: sightMessage(sight),
      };
    case "question":
      return { event: "diagnostic", code: sight.code, why: sightMessage(sight) };
  }
};

/** The state file that the CLI locks while it writes; null if the CLI has no such lock. */
export const lockedFile = ({ provider, env }: Launch): string | null =>
  provider === "claude" ? stateFile(env, homeOf(env)) : null;
