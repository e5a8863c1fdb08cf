/** A question to a person with options to choose from, as every door shows it. No text has control characters. */
export type Card = {
  /** The approval's id. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly options: readonly CardOption[];
  /** Of all that is shown, and of what each option does: 16 hex digits. An answer names the card that was read. */
  readonly digest: string;
};

export type CardOption = {
  /** A verb, and a number where it has several: `approve`, `approve:2`, `always:1`. At most 40 bytes of ASCII. */
  readonly id: string;
  readonly label: string;
  /** The label in a word or two, for a button, if it is longer. It has no text of an agent. */
  readonly button?: string;
  /** The person may, or has to, add words. */
  readonly words?: "optional" | "required";
  /** The command of an operator that answers with this option. */
  readonly command: string;
};

/** An approval that waits for a person. */
export type WaitingApproval = {
  readonly kind: string;
  /** The name of the agent group that it is about; null if the answer chooses the group. */
  readonly group: string | null;
  /** The question on one line. */
  readonly asks: string;
  readonly card: Card;
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly until: string;
  /** User ids, besides the operator. */
  readonly mayAnswer: readonly string[];
};

/** Approvals that wait, oldest first, and the number of further ones that were not read. */
export type WaitingApprovals = { readonly approvals: readonly WaitingApproval[]; readonly more: number };

/** An agent of a session that waits for the vendor of its model. */
export type WaitingVendor = {
  readonly session: string;
  /** The name of the agent's group. */
  readonly group: string;
  /** Such as `anthropic is overloaded (529)`. */
  readonly trouble: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
};

/** All that waits in a host's database. */
export type WaitingInHost = WaitingApprovals & { readonly vendors: readonly WaitingVendor[] };
