import type { Paint } from "@gatehouse/cli-kit";
import type { HeldAgent } from "@gatehouse/held-client";
import { visible } from "@gatehouse/std";
import type { JournalEntry, LaunchState } from "@trust/team-launch";
import { isTrouble, linesOf, namesOf, type StoryLine } from "./story-lines.ts";

/** A launch in a list. */
export type ListedLaunch = {
  readonly id: string;
  readonly team: string;
  readonly state: LaunchState;
  readonly at: string;
  readonly members: number;
  readonly code?: string;
};

export type Story = {
  readonly summary: ListedLaunch;
  readonly entries: readonly JournalEntry[];
  /** The current state of the team's agents. */
  readonly agents: readonly Pick<HeldAgent, "member" | "state" | "since">[];
  readonly artifact: string | null;
};

/**
 * The actions of a launch, one line each with the time since its beginning; then the current state of its
 * agents. At most a screen of 24 rows for any number of members: the same action of several members is one
 * line.
 */
export const renderStory = ({ summary, entries, agents, artifact }: Story, paint: Paint): string => {
  const { id, team, state, at } = summary;
  const began = Date.parse(at);
  const head = `${(state === "ready" ? paint.good : paint.bad)(state)} ${visible(team)}  ${id}  ${paint.faint(at)}`;
  const seconds = (time: string): string => `${(Math.max(0, Date.parse(time) - began) / 1000).toFixed(2)} s`;
  const lines = linesOf(entries).map(({ text, first, last }: StoryLine) => {
    const until = last === first ? "" : paint.faint(`  until ${seconds(last)}`);
    return `${paint.faint(seconds(first).padStart(9))}  ${visible(text)}${until}`;
  });
  const kept = artifact === null ? [] : [`artifact: ${visible(artifact)}`];
  return [head, ...lines, ...currentStates(agents), ...kept].join("\n") + "\n";
};

/** One line for each state of the agents. */
const currentStates = (agents: Story["agents"]): readonly string[] => {
  const states = [...new Set(agents.map(({ state }) => state))];
  return states.map((state) => {
    const own = agents.filter((agent) => agent.state === state);
    const since = own.map((agent) => agent.since).sort();
    const [first = "", last = ""] = [since[0], since.at(-1)];
    const members = own.map(({ member }) => member);
    const names = namesOf(members, isTrouble(state));
    const be = own.length === 1 ? "is" : "are";
    return `now: ${visible(names)} ${be} ${state} since ${first}${last === first ? "" : `, the last since ${last}`}`;
  });
};
