/**
 * Whether the agent of a group may use a tool that its CLI asks for: `ask` a person, `allow-read` allows tools
 * that only read and asks for the others, `allow-all`, or `deny`.
 */
export type ToolPolicy = "ask" | "allow-read" | "allow-all" | "deny";

export const toolPolicies: readonly ["ask", "allow-read", "allow-all", "deny"] = [
  "ask",
  "allow-read",
  "allow-all",
  "deny",
];
