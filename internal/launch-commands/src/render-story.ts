import type { Paint } from "@gatehouse/cli-kit";
import type { HeldAgent } from "@gatehouse/held-agents";
import { visible } from "@gatehouse/std";
import type { JournalEntry, LaunchState } from "@trust/team-launch";

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
  /** What is known now of the team's agents. */
  readonly agents: readonly HeldAgent[];
  readonly artifact: string | null;
};

/** What a launch did, a line each with its time since the beginning; then how its agents are now. */
export const renderStory = ({ summary, entries, agents, artifact }: Story, paint: Paint): string => {
  const { id, team, state, at } = summary;
  const began = Date.parse(at);
  const head = `${(state === "ready" ? paint.good : paint.bad)(state)} ${visible(team)}  ${id}  ${paint.faint(at)}`;
  // Steps before the run were kept until it existed, and come after it in the file.
  const told = [...entries].sort((one, other) => one.at.localeCompare(other.at));
  const lines = told.flatMap((entry) => {
    const text = textOf(entry);
    const ms = Math.max(0, Date.parse(entry.at) - began);
    return text === null
      ? []
      : [`${paint.faint(`${(ms / 1000).toFixed(2)} s`.padStart(9))}  ${visible(text)}`];
  });
  const now = agents.map(({ member, state: is, since }) => `now: ${visible(member)} is ${is} since ${since}`);
  const kept = artifact === null ? [] : [`artifact: ${visible(artifact)}`];
  return [head, ...lines, ...now, ...kept].join("\n") + "\n";
};

/** A sentence for an entry; null for one that only another needs. */
const textOf = (entry: JournalEntry): string | null => {
  switch (entry.type) {
    case "run": {
      const { mode, attempt, members } = entry.run;
      const whose = mode === "create" ? "a new team" : "a known team";
      return `launch of ${whose}, ${members.length} agents${attempt === 1 ? "" : `, attempt ${attempt}`}`;
    }
    case "step":
      return null;
    case "warning":
      return `warning: ${entry.code}: ${entry.message}`;
    case "making-worktree":
      return `makes the worktree ${entry.worktree.path}, branch ${entry.worktree.branch}`;
    case "trust":
      return `trust: ${trustText(entry.preflight.strategyResults)}`;
    case "clearing":
      return entry.snapshot === null ? null : `takes the place of ${entry.snapshot.launch}`;
    case "storing-team":
      return "stores the team";
    case "spawning":
      return `starts ${entry.member}`;
    case "not-spawned":
      return `${entry.member} was not started: ${entry.code}: ${entry.message}`;
    case "member":
      return `${entry.member} is ${entry.state}${entry.code === undefined ? "" : `: ${entry.code}`}`;
    case "undone":
      return "took back what it had made";
    case "ended":
      return `ends as ${entry.state}${entry.error === undefined ? "" : `: ${entry.error.code}: ${entry.error.message}`}`;
  }
};

const trustText = (results: readonly { readonly provider: string; readonly status: string }[]): string => {
  const counts = new Map<string, number>();
  for (const { provider, status } of results) {
    const name = `${provider} ${status}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, many]) => `${many} ${name}`).join(", ") || "no folder was asked about";
};
