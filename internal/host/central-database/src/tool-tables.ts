/** The request of an agent for a tool, beside its row of `pending_approvals`, which has the whole input. */
export type ToolRequestRow = {
  approval_id: string;
  session_id: string;
  /** The message whose turn the agent is in. */
  message_id: string;
  tool: string;
  /** SHA-256 of the input, in hex. */
  input_hash: string;
  /** How often the turn had asked for this tool with this input before. */
  occurrence: number;
  /** 1 if a runner of this turn was killed before the request. */
  may_have_run: number;
  /** The question of the session's agent that waits for the answer: of the newest runner that asked. */
  question_id: string;
  /** For a question: the sender of the message, who may answer it too. Null if no person has sent it. */
  asked_user_id: string | null;
};

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
