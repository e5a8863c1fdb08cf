import { visible } from "@gatehouse/std";
import { providers } from "@trust/preflight";
import type { FlagDiagnostic } from "./flags.ts";
import type { Place, TeamProblem } from "./team/team-problem.ts";
import type { AgentCountProblem } from "./team/team-of-agents.ts";
import type { WorkspaceDiagnostic } from "./workspaces/collect-workspaces.ts";

export type Explained = TeamProblem | AgentCountProblem | FlagDiagnostic | WorkspaceDiagnostic;

/** The problem and its place, one sentence each, without control characters. */
export type Explanation = { readonly message: string; readonly fix: string };

/** All text of this package about problems. A problem of a team file begins with its line and column. */
export const explain = (problem: Explained): Explanation => {
  const { message, fix } = "line" in problem ? teamFileText(problem) : textOf(problem);
  const where = "line" in problem ? `${problem.line}:${problem.column}: ` : "";
  return { message: visible(`${where}${message}`), fix: visible(fix) };
};

const places: Readonly<Record<Place, string>> = { team: "a team file", member: "a member" };

const meaning = (meant: string | null, other: string): string =>
  meant === null ? other : `Did you mean ${meant}?`;

const teamFileText = (problem: TeamProblem): Explanation => {
  switch (problem.code) {
    case "not-yaml":
      return {
        message: `This is not valid YAML: ${problem.detail}.`,
        fix: "Correct the text at this place.",
      };
    case "yaml-feature-refused":
      return { message: `A team file may have no ${problem.feature}.`, fix: "Write the values out." };
    case "too-large":
      return {
        message: `A team file has at most ${problem.most} ${problem.unit}.`,
        fix: "Make it smaller.",
      };
    case "not-a-mapping":
      return {
        message: `${problem.place === "team" ? "A team file" : "A member"} must be a mapping of keys to values.`,
        fix: problem.place === "team" ? "Begin with name: and lead:." : "Write { name, provider, folder }.",
      };
    case "not-a-list":
      return {
        message: `${problem.key} must be a list.`,
        fix: `Begin each entry of ${problem.key} with a dash.`,
      };
    case "duplicate-key":
      return {
        message: `${problem.key} is there twice in ${places[problem.place]}.`,
        fix: "Remove one of them.",
      };
    case "unknown-key":
      return {
        message: `${problem.key} is not a key of ${places[problem.place]}.`,
        fix: meaning(problem.meant, "Remove it."),
      };
    case "missing-key":
      return {
        message: `${problem.key} is missing in ${places[problem.place]}.`,
        fix: `Add ${problem.key}:.`,
      };
    case "bad-value":
      return {
        message: `${problem.key} must be ${problem.expects}; this is ${problem.found}.`,
        fix: `Change ${problem.key}; a number or a word like true needs quotes to be text.`,
      };
    case "unknown-provider":
      return {
        message: `${problem.found} is not a provider that is known.`,
        fix: meaning(problem.meant, `Take one of ${providers.join(", ")}.`),
      };
    case "command-in-prompt":
      return commandText(problem);
    case "duplicate-name":
      return {
        message: `Line ${problem.firstLine} already has a member ${problem.name}; letter case makes no difference.`,
        fix: "Give one of them another name.",
      };
  }
};

const commandText = ({ provider, does }: TeamProblem & { code: "command-in-prompt" }): Explanation =>
  does === "is-command"
    ? {
        message: `The CLI of ${provider} would run this prompt as a command of its own.`,
        fix: "Begin it with another word. If you mean the command, send it once the agent is ready.",
      }
    : {
        message: `The CLI of ${provider} would run a prompt that begins with ! in a shell, and ask for no permission.`,
        fix: "Begin it with another word. If you mean the shell, type it once the agent is ready.",
      };

const textOf = (problem: Exclude<Explained, TeamProblem>): Explanation => {
  switch (problem.code) {
    case "bad-agent-count":
      return {
        message: `A team has 1 to ${problem.most} agents.`,
        fix: "Name a whole number of them.",
      };
    case "flag-malformed":
      return {
        message: `${problem.variable} is ${JSON.stringify(problem.found)}, which is neither on nor off, so it is ${problem.effective ? "on" : "off"}.`,
        fix: `Set ${problem.variable} to 1, true or on, or to 0, false or off.`,
      };
    case "flag-without-effect":
      return {
        message: `${problem.variable} is on, and has no effect: Claude Code is never started unprotected.`,
        fix: `Unset ${problem.variable}.`,
      };
    case "unknown-provider":
      return {
        message: `${problem.memberId} has the provider ${problem.found}, which is not known: no trust was prepared for it.`,
        fix: `Take one of ${providers.join(", ")}, or trust its folder yourself.`,
      };
  }
};
