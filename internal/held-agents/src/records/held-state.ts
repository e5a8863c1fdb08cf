import { parseJson } from "@gatehouse/std";

/** A question that an agent waits at. Its texts are redacted, and may hold any character. */
export type HeldQuestion = {
  /** Tells this question from the next: what `answer --question` takes. */
  readonly id: string;
  /** The rule's id; `<provider>/unknown` if no rule knows the screen. */
  readonly dialog: string;
  /** Why nobody answers it: `consent-needed`, `unknown-dialog`, `sign-in-needed`, ... */
  readonly code: string;
  /** The kind of consent that would answer it. */
  readonly consent?: string;
  /** Its title and body, a row each; else the screen. */
  readonly text: string;
  /** The labels of its options, in order; one of them is what `answer` takes. */
  readonly options: readonly string[];
};

/** Something about an agent that no question says. Its texts are redacted. */
export type HeldNotice = { readonly code: string; readonly message: string; readonly fix: string };

/** What an agent is at, as its holder sees it. */
export type HolderState = "starting" | "ready" | "waiting" | "working" | "ended";

/** The file in which a holder keeps what its agent is at. It stays when the agent has ended. */
export type HeldStatus = {
  readonly v: 1;
  readonly id: string;
  /** Null for an agent of no team. */
  readonly team: string | null;
  readonly member: string;
  readonly provider: string;
  readonly folder: string;
  /** Leads the agent's process group. */
  readonly pid: number;
  readonly state: HolderState;
  /** Since when it is in this state: ISO 8601. */
  readonly since: string;
  readonly question?: HeldQuestion;
  /** What a person should know of this state: `readiness-unproven`, or `prompt-not-sent`. */
  readonly notice?: HeldNotice;
  /** Of an ended agent: its code, 128 and the signal's number if one ended it. */
  readonly exitCode?: number;
  /** Of an agent that ended where only a person can help: why (`no-connection`, `workspace_trust_required`, ...). */
  readonly endedAt?: string;
  /** Of an ended agent: its last screen, redacted, a row each. */
  readonly screen?: string;
};

/** `endedAt` of an agent that was ended where it asked for trust: the contract's code for a launch without trust. */
export const untrustedEnd = "workspace_trust_required";

/** The status in a text; null if it is torn. */
export const statusIn = (text: string): HeldStatus | null => statusOf(parseJson(text));

/** A status that was parsed; null if it is none. */
export const statusOf = (value: unknown): HeldStatus | null => {
  const status = Object(value) as Partial<Record<keyof HeldStatus, unknown>>;
  const { v, id, team, member, provider, folder, pid, state, since } = status;
  const texts = [id, member, provider, folder, since, team ?? ""];
  const isWhole =
    v === 1 && typeof pid === "number" && isState(state) && texts.every((it) => typeof it === "string");
  return isWhole ? (status as HeldStatus) : null;
};

const states: readonly unknown[] = ["starting", "ready", "waiting", "working", "ended"];
const isState = (value: unknown): boolean => states.includes(value);
