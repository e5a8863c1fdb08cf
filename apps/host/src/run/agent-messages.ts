import { agentClis, explain, type Explanation } from "@trust/preflight";
import type { AgentEnd } from "@gatehouse/agents/terminal";

/** The details for messages about an agent. `file` is the CLI's executable. */
export type AgentPlace = { readonly workspace: string; readonly file: string; readonly timeoutMs: number };

/** Explains how an agent ended, with the fix. */
export const explainAgent = (end: AgentEnd, { workspace, file, timeoutMs }: AgentPlace): Explanation => {
  const cli = agentClis.claude;
  const { title } = cli;
  const place = { workspace, cli, startedAs: file };
  switch (end.code) {
    case "ready":
      return { message: `${title} waits for a prompt in ${workspace}.` };
    case "timeout":
      if (end.screen === "")
        return {
          message: `${title} printed nothing.`,
          fix: `Check the network; give it more time with --timeout, or start "${file}" in ${workspace} to see what it waits for.`,
        };
      return {
        message: `${title} did not reach its prompt within ${timeoutMs / 1000} s.`,
        fix: `Look at the screen; give it more time with --timeout, or start "${file}" in ${workspace} to see what it waits for.`,
      };
    case "cli-exited":
      return {
        message: `${title} ended by itself (exit ${end.exitCode}) before it reached its prompt.`,
        fix: `Look at the screen, or start "${file}" in ${workspace} to see why.`,
      };
    case "cancelled":
      return { message: `Cancelled; ${title} was ended.` };
    case "cli-not-found":
      return explain({ code: end.code, looked: end.looked }, place);
    case "pty-unavailable":
      return explain({ code: end.code, detail: end.detail }, place);
    default:
      return explain({ code: end.code, dialog: end.dialog, ...consentOf(end) }, place);
  }
};

const consentOf = ({ consent }: { readonly consent?: string }): { consent?: string } =>
  consent === undefined ? {} : { consent };
