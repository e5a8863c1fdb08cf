import { parseJson } from "@gatehouse/std";

/** A question at which an agent waits. Its texts are redacted, and may contain any character. */
export type HeldQuestion = {
  /** A digest of what is drawn of the question: the argument of `answer --seen`. */
  readonly id: string;
  /** The rule's id; `<provider>/unknown` for a screen without a rule. */
  readonly dialog: string;
  /** Why it was not answered automatically: `consent-needed`, `unknown-dialog`, `sign-in-needed`, ... */
  readonly code: string;
  /** The kind of consent that would answer it. */
  readonly consent?: string;
  /** Its title and body, one line for each row; else the screen. */
  readonly text: string;
  /** The labels of its options, in order; `answer` takes one of them. */
  readonly options: readonly string[];
};

/** A message about an agent that is not a question. Its texts are redacted. */
export type HeldNotice = { readonly code: string; readonly message: string; readonly fix: string };

/** The state of an agent, as its holder sees it. */
export type HolderState = "starting" | "ready" | "waiting" | "working" | "ended";

/**
 * The content of the file in which a holder keeps an agent's status. The file stays when the agent has ended.
 */
export type HeldStatus = {
  readonly v: 1;
  readonly id: string;
  /** Null for an agent without a team. */
  readonly team: string | null;
  readonly member: string;
  readonly provider: string;
  readonly folder: string;
  /** The leader of the agent's process group. */
  readonly pid: number;
  readonly state: HolderState;
  /** The start of this state: ISO 8601. */
  readonly since: string;
  readonly question?: HeldQuestion;
  /** A notice about this state for a person: `readiness-unproven`, or `prompt-not-sent`. */
  readonly notice?: HeldNotice;
  /** Only of an ended agent: its exit code, or 128 plus the signal's number if a signal ended it. */
  readonly exitCode?: number;
  /**
   * Only of an agent that ended with a problem that only a person can solve: the reason (`no-connection`,
   * `workspace_trust_required`, ...).
   */
  readonly endedAt?: string;
  /** Only of an ended agent: its last screen, redacted, one line for each row. */
  readonly screen?: string;
};

/**
 * `endedAt` of an agent that was ended because it asked for trust: the contract's code for a launch without
 * trust.
 */
export const untrustedEnd = "workspace_trust_required";

/** Parses a status; null if the text is torn. */
export const statusIn = (text: string): HeldStatus | null => statusOf(parseJson(text));

/** Checks a parsed status; null if it is not a status. */
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
