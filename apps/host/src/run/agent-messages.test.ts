import { expect, test } from "vitest";
import type { AgentEnd } from "@gatehouse/agents/terminal";
import { explainAgent } from "./agent-messages.ts";

const file = "/srv/agents/cli/claude-2.1.328/node_modules/.bin/claude";
const screen = "";

test.for<AgentEnd>([
  { state: "failed", code: "timeout", screen },
  { state: "exited", code: "cli-exited", exitCode: 7, screen },
  { state: "blocked", code: "sign-in-needed", dialog: "claude/login", screen },
  { state: "blocked", code: "no-connection", dialog: "claude/offline", screen },
  { state: "blocked", code: "unknown-dialog", dialog: "unknown", screen },
  { state: "blocked", code: "consent-needed", dialog: "claude/api-key", consent: "api-key", screen },
  { state: "blocked", code: "screen-reader-dialog", dialog: "claude/trust", screen },
])("the fix for $code names the program by its path, since PATH may lack it", (end) => {
  expect(explainAgent(end, { workspace: "/repo", file, timeoutMs: 1000 }).fix).toContain(`"${file}"`);
});

test.for([
  { shown: "", says: "Claude Code printed nothing." },
  { shown: "Loading", says: "Claude Code did not reach its prompt within 1 s." },
])('the message for a timeout with the screen "$shown" is: $says', ({ shown, says }) => {
  const end: AgentEnd = { state: "failed", code: "timeout", screen: shown };
  expect(explainAgent(end, { workspace: "/repo", file, timeoutMs: 1000 }).message).toBe(says);
});
