import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import type { Result } from "@gatehouse/std";
import type { Context } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { cpuMsOf, pssOf } from "../process-cost.ts";
import { startPodBed, type PodBed } from "./pod-bed.ts";

/** What some sessions cost while no message is sent, both hosts together. */
export type IdleCost = {
  readonly sessions: number;
  /** CPU time of one second, ms. */
  readonly cpuMs: number;
  /** Memory (PSS), KB. */
  readonly memoryKb: number;
  /** Requests to the API server in the span, beside those of the watch. */
  readonly requests: Readonly<Record<string, number>>;
  /** CPU time of the start of a session with its group and its first answer, ms. */
  readonly startMs: number;
};

export type Takeover = {
  /** From the expiry of the last lease of the killed host to its session's next lease, ms; the longest. */
  readonly lateMs: number;
  /** From the kill to the answer of a message that was sent just after it, ms; the longest. */
  readonly answerMs: number;
};

/** The costs before the first session, with few, and with many. */
export type Growth = { readonly costs: readonly [IdleCost, IdleCost, IdleCost]; readonly takeover: Takeover };

/** The span of an idle measurement, and of the time before it in which V8 collects what the starts have left, ms. */
export const spanOf = ({ quick }: Pick<Context, "quick">): number => (quick ? 20_000 : 60_000);

/** A lease of a host, ms, as in the host. */
export const leaseMs = 15_000;

/** Messages that wait while the host of their sessions is dead. */
const waiting = 20;

let measured: Promise<Result<Growth, string>> | undefined;

/** Measures all of it once for all rows of the report. The error says what this machine lacks. */
export const growth = (context: Context): Promise<Result<Growth, string>> =>
  (measured ??= measureGrowth(context));

/** Few sessions, and many. */
export const countsOf = ({ quick }: Pick<Context, "quick">): readonly [number, number] =>
  quick ? [20, 100] : [100, 1_000];

const measureGrowth = async (context: Context): Promise<Result<Growth, string>> => {
  const built = builtPrograms();
  if (!built.ok) return built;
  const server = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (server === undefined) return { ok: false, error: "GATEHOUSE_TEST_POSTGRES names no database" };
  const { signal } = context;
  const ends: (() => Promise<void>)[] = [];
  try {
    const bed = await startPodBed(built.value.gatehouse, { server, signal }, (stop) => ends.push(stop));
    const [few, many] = countsOf(context);
    const span = { ms: spanOf(context), signal };
    const none = await costOf(bed, 0, span);
    const costs = [none, await costOf(bed, few, span), await costOf(bed, many, span)] as const;
    return { ok: true, value: { costs, takeover: await takeoverIn(bed) } };
  } finally {
    for (const stop of ends.toReversed()) await stop();
  }
};

type Span = { readonly ms: number; readonly signal: AbortSignal };

const costOf = async (bed: PodBed, sessions: number, { ms, signal }: Span): Promise<IdleCost> => {
  const pids = bed.hosts.map(({ pid }) => pid);
  const cpuMs = (): number => sumOf(pids.map(cpuMsOf));
  const had = sumOf(bed.hosts.map(({ groups }) => groups.length));
  const beforeStarts = cpuMs();
  await bed.grow(sessions);
  const startMs = (cpuMs() - beforeStarts) / Math.max(1, sessions - had);
  await after(ms, undefined, { signal });
  const [before, asked] = [cpuMs(), await bed.requests()];
  await after(ms, undefined, { signal });
  const [now, askedNow] = [cpuMs(), await bed.requests()];
  const requests = Object.entries(askedNow)
    .map(([kind, count]) => [kind, count - (asked[kind] ?? 0)] as const)
    .filter(([kind, count]) => kind !== "watch" && count > 0);
  return {
    sessions,
    startMs,
    cpuMs: ((now - before) * 1_000) / ms,
    memoryKb: sumOf(pids.map(pssOf)),
    requests: Object.fromEntries(requests),
  };
};

/** Kills the first host, sends a message to some of its sessions through the second one, and waits for all answers. */
const takeoverIn = async (bed: PodBed): Promise<Takeover> => {
  const [killed, other] = bed.hosts;
  if (killed === undefined || other === undefined) throw new Error("There are no two hosts.");
  const groups = killed.groups.slice(0, waiting);
  const chats = await Promise.all(groups.map((group) => other.chat(group)));
  const leases = (): ReadonlyMap<string, Lease> =>
    new Map(
      bed
        .rows(
          "select session_id, token, (extract(epoch from expires_at::timestamptz) * 1000)::bigint from leases where session_id is not null",
        )
        .map(([session = "", token, expiresAt]) => [
          session,
          { token: Number(token), expiresAt: Number(expiresAt) },
        ]),
    );
  const killedAt = performance.now();
  process.kill(killed.pid, "SIGKILL");
  const old = leases();
  let answerMs = 0;
  let isAnswered = false;
  const answered = Promise.all(
    chats.map(async (chat) => {
      await chat.roundTrip("again");
      answerMs = Math.max(answerMs, performance.now() - killedAt);
    }),
  ).finally(() => (isAnswered = true));
  // It is awaited after the loop, and may fail before.
  answered.catch(() => {});
  const late = new Map<string, number>();
  while (!isAnswered) {
    for (const [session, { token, expiresAt }] of leases()) {
      const before = old.get(session);
      if (before !== undefined && token > before.token && !late.has(session))
        late.set(session, expiresAt - leaseMs - before.expiresAt);
    }
    await after(100);
  }
  await answered;
  for (const chat of chats) chat.close();
  if (late.size < groups.length) throw new Error(`only ${late.size} sessions were taken over`);
  return { answerMs, lateMs: Math.max(...late.values()) };
};

type Lease = { readonly token: number; readonly expiresAt: number };

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
