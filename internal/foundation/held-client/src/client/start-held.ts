import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import { parseJson, type Environment, type Result } from "@gatehouse/std";
import { type Provider } from "@gatehouse/provider-facts";
import { agentVariable } from "../records/held-places.ts";
import type { HeldFailure } from "./held-failure.ts";

/** The description of an agent that is to be held, as a holder reads it on stdin. Paths are absolute. */
export type HoldRequest = {
  /** Null or missing for an agent without a team. */
  readonly team?: string | null;
  /** Its name, unique in its team. */
  readonly member: string;
  readonly provider: Provider;
  readonly folder: string;
  /** The runtime's settings, which may carry trust for Codex. */
  readonly settings?: unknown;
  /** The native CLI's own arguments. */
  readonly args?: readonly string[];
  /** The first prompt. The holder types it once the agent is ready, even if this process has ended. */
  readonly prompt?: string;
  /** Answers to the CLI's dialogs at its start, by kind. Trust is not among them: it is granted before. */
  readonly consents?: Readonly<Record<string, string>>;
  /** The CLI's executable. Default: the data folder's own CLI, else the first on PATH. */
  readonly cli?: string;
};

/** The start of a held agent. Paths are absolute. */
export type HeldStart = HoldRequest & {
  readonly dataDir: string;
  readonly env: Environment;
  /** The program file of orchestrator-adapter, which Node runs. */
  readonly adapter: string;
};

/** A started agent, with the fields to find it again. It is recorded on disk as well. */
export type HeldRecord = {
  readonly id: string;
  readonly dataDir: string;
  readonly team: string | null;
  readonly member: string;
  /** The holder's process. */
  readonly holder: number;
  /** The agent's process, which leads the process group of the same number. */
  readonly pid: number;
  readonly group: number;
  /** When the agent's process started, in clock ticks since boot; null without Linux's /proc. */
  readonly start: string | null;
  readonly token: number;
  /** Its control socket. */
  readonly socket: string;
};

/** Maximum characters that are kept of a holder's output. */
const mostPrinted = 64 * 1024;

/**
 * Starts an agent in its own holder, which outlives this process. Resolves when the agent runs and is
 * recorded; `listHeld` shows when it is ready. Fails with the adapter's code (`already-held`,
 * `workspace_trust_required`, `cli-not-found`, ...), and then no process runs. An abort before the agent runs ends
 * the holder.
 */
export const startHeld = async (
  start: HeldStart,
  signal?: AbortSignal,
): Promise<Result<HeldRecord, HeldFailure>> => {
  if (signal?.aborted) return cancelled;
  const child = spawnHolder(start);
  const stop = (): void => void child.kill("SIGTERM");
  signal?.addEventListener("abort", stop, { once: true });
  const outcome = await outcomeOf(child);
  signal?.removeEventListener("abort", stop);
  detach(child);
  if ("failed" in outcome) return signal?.aborted ? cancelled : { ok: false, error: outcome.failed };
  const record = recordIn(outcome.held, start);
  if (record === null)
    return { ok: false, error: { code: "bad-reply", message: "The adapter has a different version." } };
  return { ok: true, value: record };
};

const cancelled: Result<never, HeldFailure> = {
  ok: false,
  error: { code: "cancelled", message: "The start was cancelled before the agent ran." },
};

/**
 * Each of V8's four threads keeps the memory that it needed for compilation and garbage collection: 3 to 7 MB
 * in a holder, and 1 to 2 MB with one thread (Node 20.20). One thread is enough for a heap of 8 MB.
 */
const holderOptions: readonly string[] = ["--v8-pool-size=1"];

const spawnHolder = ({ dataDir, env, adapter, ...request }: HeldStart): ChildProcess => {
  const flags = ["--hold", "--json", "--data", dataDir];
  // Its own session, so that no signal of our terminal reaches it. The mark of a surrounding agent must not
  // pass to the holder.
  const child = spawn(process.execPath, [...holderOptions, adapter, ...flags], {
    cwd: "/",
    env: { ...env, [agentVariable]: undefined },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A holder that ended at once has closed the pipe; its exit code says why.
  child.stdin.on("error", () => {});
  // On stdin, since other accounts may read argv and the environment.
  child.stdin.end(JSON.stringify(request));
  return child;
};

type Outcome = { readonly held: unknown } | { readonly failed: HeldFailure };

/** Reads the holder's events until it holds the agent, or has ended. */
const outcomeOf = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve) => {
    let [events, prose] = ["", ""];
    child.once("error", ({ message }) => resolve({ failed: { code: "spawn-failed", message } }));
    child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (prose = (prose + text).slice(-mostPrinted)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      events = (events + text).slice(-mostPrinted);
      const held = linesOf(events).find((line) => Object(line)["event"] === "held");
      if (held !== undefined) resolve({ held });
    });
    child.once("close", (code) => resolve({ failed: failureIn(linesOf(events), prose, code) }));
  });

const linesOf = (text: string): readonly unknown[] => text.split("\n").slice(0, -1).map(parseJson);

const failureIn = (events: readonly unknown[], prose: string, exitCode: number | null): HeldFailure => {
  for (const line of events.toReversed()) {
    const { event, error, code, message, key } = Object(line) as Record<string, unknown>;
    const { code: failed, message: why, fix } = Object(error) as Record<string, unknown>;
    if (typeof failed === "string")
      return { code: failed, message: String(why), ...(typeof fix === "string" ? { fix } : {}) };
    if (event === "workspace_trust_required")
      return {
        code: event,
        message: `${String(message)} (${String(code)}${key === undefined ? "" : `, ${String(key)}`})`,
      };
  }
  const last = prose.trim().split("\n").slice(-3).join(" ");
  return {
    code: "holder-failed",
    message: `The holder ended with ${exitCode ?? "a signal"}: ${last || "it printed nothing"}`,
  };
};

/** Detaches from the holder: it runs by itself from here on, and its pipes may break. */
const detach = (child: ChildProcess): void => {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.removeAllListeners();
  child.on("error", () => {});
  child.unref();
};

const recordIn = (line: unknown, { dataDir, team = null, member }: HeldStart): HeldRecord | null => {
  const { id, holder, pid, start, token, socket } = Object(line) as Record<string, unknown>;
  const isWhole =
    typeof id === "string" && typeof socket === "string" && [holder, pid, token].every(Number.isSafeInteger);
  if (!isWhole || typeof pid !== "number") return null;
  const began = typeof start === "string" ? start : null;
  return {
    id,
    dataDir,
    team,
    member,
    holder: Number(holder),
    pid,
    group: pid,
    start: began,
    token: Number(token),
    socket,
  };
};
