import { commandInPrompt } from "@gatehouse/std";
import { providers } from "@trust/preflight";
import type { Position, TeamProblem } from "./team-problem.ts";

export type PlacedPrompt = Position & { readonly prompt: string; readonly provider: string };

/** A problem for each prompt that its CLI would run as a command. A running agent would refuse such a prompt. */
export const commandPrompts = (prompts: readonly PlacedPrompt[]): readonly TeamProblem[] =>
  prompts.flatMap(({ prompt, provider: named, line, column }): readonly TeamProblem[] => {
    const provider = providers.find((known) => known === named);
    const does = provider === undefined ? null : commandInPrompt(prompt, provider);
    if (provider === undefined || does === null) return [];
    return [{ code: "command-in-prompt", does, provider, line, column }];
  });
