/** An approval that waits for a person. Its texts have no secrets and no control characters. */
export type WaitingApproval = {
  readonly id: string;
  readonly kind: string;
  /** The name of the agent group that it is about; null if the answer chooses the group. */
  readonly group: string | null;
  /** The groups from which the answer must choose one with `--group`; empty if there is no choice. */
  readonly choices: readonly string[];
  readonly asks: string;
  /** True for a question that is answered with a text, and not approved. */
  readonly isAnswered: boolean;
  /** The changes of an approval, a line each. */
  readonly consequence: readonly string[];
  /** The lines of its card: bounded, what decides last. */
  readonly lines: readonly string[];
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly until: string;
  /** User ids, besides the operator. */
  readonly mayAnswer: readonly string[];
};

/** Approvals that wait, oldest first, and the number of further ones that were not read. */
export type WaitingApprovals = { readonly approvals: readonly WaitingApproval[]; readonly more: number };
