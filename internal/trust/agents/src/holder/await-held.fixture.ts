import { setTimeout as pause } from "node:timers/promises";
import {
  heldPlaces,
  statusOf,
  type HeldQuestion,
  type HeldStatus,
  listHeld,
  readStatus,
} from "@gatehouse/held-client/records";
import { connectHeld, type HeldRecord } from "@gatehouse/held-client";

/** The state that an agent has reached. */
export type HeldOutcome =
  /** Its composer is shown, or it works already. */
  | { readonly state: "ready" | "working" }
  | { readonly state: "waiting"; readonly question: HeldQuestion }
  /** `exitCode` is null if its holder was killed. `screen` is its last screen, redacted. */
  | { readonly state: "ended"; readonly exitCode: number | null; readonly screen: string }
  | { readonly state: "lost" }
  /** The timeout has passed, or the wait was aborted; the agent keeps running. */
  | { readonly state: "starting" };

export type AwaitHeld = {
  /** Timeout from now on, ms. */
  readonly timeoutMs: number;
  /** Continue to wait while the agent asks something. Default: false. */
  readonly pastQuestions?: boolean;
  readonly signal?: AbortSignal;
  /** Called for each state during the wait. */
  readonly onStatus?: (status: HeldStatus) => void;
};

/**
 * Waits until an agent is ready or at work, asks something, or has ended. With `pastQuestions` a question is
 * returned only after the timeout. Never ends the agent.
 */
export const awaitHeld = async (
  record: Pick<HeldRecord, "id" | "dataDir" | "socket">,
  { timeoutMs, pastQuestions = false, signal, onStatus = () => {} }: AwaitHeld,
): Promise<HeldOutcome> => {
  // No `AbortSignal.timeout` in `any`: nothing else references it, and Node 20.20 may collect it too early
  // (nodejs/node issue 57736).
  const late = new AbortController();
  setTimeout(() => late.abort(), timeoutMs).unref();
  const over = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]);
  let last: HeldStatus | null = null;
  const isEnough = (status: HeldStatus): boolean => {
    last = status;
    onStatus(status);
    return status.state !== "starting" && !(pastQuestions && status.state === "waiting");
  };
  if (over.aborted) return outcomeOf(record, null);
  const closed = await follow(record.socket, isEnough, over);
  if (closed === "over" || closed === "enough") return outcomeOf(record, last);
  // The holder has ended, or is about to write how the agent ended.
  return outcomeFromFiles(record, over);
};

/** Follows the states that a holder reports. */
const follow = async (
  socket: string,
  isEnough: (status: HeldStatus) => boolean,
  over: AbortSignal,
): Promise<"enough" | "over" | "closed"> => {
  const connected = await connectHeld(socket, { do: "watch" });
  if (!connected.ok) return "closed";
  const connection = connected.value;
  return new Promise((resolve) => {
    const end = (why: "enough" | "over" | "closed"): void => {
      over.removeEventListener("abort", tooLate);
      connection.close();
      resolve(why);
    };
    const tooLate = (): void => end("over");
    over.addEventListener("abort", tooLate);
    if (over.aborted) return tooLate();
    connection.onClose(() => end("closed"));
    connection.onLine((line) => {
      const status = statusOf(line["status"]);
      if (status !== null && isEnough(status)) end("enough");
    });
  });
};

/** Times in milliseconds. */
const goneMs = 5_000;
const pollMs = 20;

/** Reads from the files how an agent ended whose holder has closed its socket. */
const outcomeFromFiles = async (
  record: Pick<HeldRecord, "id" | "dataDir">,
  over: AbortSignal,
): Promise<HeldOutcome> => {
  for (let waited = 0; ; waited += pollMs) {
    const listed = await listHeld(record.dataDir);
    const agent = listed.ok ? listed.value.agents.find(({ id }) => id === record.id) : undefined;
    if (agent === undefined) return { state: "ended", exitCode: null, screen: "" };
    if (agent.state === "ended")
      return { state: "ended", exitCode: agent.exitCode ?? null, screen: agent.screen ?? "" };
    if (over.aborted || waited >= goneMs)
      return agent.state === "lost" ? { state: "lost" } : outcomeOf(record, null);
    await pause(pollMs);
  }
};

const outcomeOf = (record: Pick<HeldRecord, "id" | "dataDir">, last: HeldStatus | null): HeldOutcome => {
  const status = last ?? readStatus(heldPlaces(record.dataDir).stateOf(record.id));
  switch (status?.state) {
    case "ready":
    case "working":
      return { state: status.state };
    case "waiting":
      return status.question === undefined
        ? { state: "starting" }
        : { state: "waiting", question: status.question };
    case "ended":
      return { state: "ended", exitCode: status.exitCode ?? null, screen: status.screen ?? "" };
    case "starting":
    case undefined:
      return { state: "starting" };
  }
};
