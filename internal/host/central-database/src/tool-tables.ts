/** A tool that a person always allows in a group: with one exact input, or by a rule of its CLI. */
export type ToolRuleRow = {
  id: string;
  agent_group_id: string;
  tool: string;
  /** SHA-256 of the input, or of the rule's text, in hex. */
  input_hash: string;
  /** The input as JSON; empty for a rule of the CLI. */
  input: string;
  /** The rule in the CLI's own form; null for an exact input, which the host compares. */
  rule: string | null;
  /** The person who allowed it, in the form of `answered_by`. */
  allowed_by: string;
  created_at: string;
};
