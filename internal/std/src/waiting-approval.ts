/** An approval that waits for a person. Its texts hold no secret and no control character. */
export type WaitingApproval = {
  readonly id: string;
  readonly kind: string;
  /** The name of the agent group that it is about; null where the answer chooses one. */
  readonly group: string | null;
  /** The groups of which an approval has to name one, as `--group` takes them; empty where it names none. */
  readonly choices: readonly string[];
  readonly asks: string;
  /** What an approval would change, a line each. */
  readonly consequence: readonly string[];
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly until: string;
  /** User ids, besides the operator. */
  readonly mayAnswer: readonly string[];
};

/** Approvals that wait, the oldest first, and how many more there are than were read. */
export type WaitingApprovals = { readonly approvals: readonly WaitingApproval[]; readonly more: number };
