import { providers } from "@trust/preflight";
import type { Team, TeamMember } from "@trust/team-launch";
import { expect, test } from "vitest";
import { promptArgs, promptWarnings } from "./prompt-args.ts";

test.for(providers)("the prompt of %s is passed to its CLI, or there is a warning", (provider) => {
  const lead: TeamMember = { name: "ana", role: "lead", provider, folder: "/a", worktree: false };
  const team: Team = { name: "shop", lead: { ...lead, prompt: "-go" }, members: [] };
  const isPassed = promptArgs(team.lead).at(-1) === " -go";
  expect(promptWarnings(team)).toHaveLength(isPassed ? 0 : 1);
  expect(promptWarnings({ ...team, lead })).toEqual([]);
  expect(isPassed).toBe(provider !== "kimi");
  // A first argument of this word alone would be a subcommand.
  expect(promptArgs({ ...lead, prompt: "update" }).at(-1)).toBe(isPassed ? " update" : undefined);
});
