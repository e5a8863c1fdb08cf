import type { Paint } from "@gatehouse/cli-kit";
import type { HeldAgent } from "@gatehouse/held-client";
import { visible } from "@gatehouse/std";
import { countsOf } from "@gatehouse/trust-cli";
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

/** One line of a story, with the times of its first and its last entry, ISO 8601. */
type StoryLine = { readonly text: string; readonly first: string; readonly last: string };

/** The content of an entry. Entries with the same key share one line, which names their members. */
type EntryLine = {
  readonly key: string;
  readonly kind: Kind;
  readonly member?: string;
  readonly text: (names: string, many: number) => string;
};

/** Lines of the kind `other` need no limit: there are only a few. */
type Kind = "warning" | "trouble" | "other";
const most: Readonly<Record<Kind, number>> = { warning: 2, trouble: 4, other: Infinity };

/** The same action of several members. */
type Group = EntryLine & { readonly first: string; last: string; readonly members: Set<string> };

/**
 * The lines for the entries of a journal, in the order of their times: the same action of several members is
 * one line. Warnings and troubles beyond a limit are only counted.
 */
const linesOf = (entries: readonly JournalEntry[]): readonly StoryLine[] => {
  const groups = new Map<string, Group>();
  // Steps before the run were buffered until it existed, and follow it in the file.
  for (const entry of [...entries].sort((one, other) => one.at.localeCompare(other.at))) {
    const told = entryLineOf(entry);
    if (told === null) continue;
    const group = groups.get(told.key) ?? { ...told, first: entry.at, last: entry.at, members: new Set() };
    group.last = entry.at;
    if (told.member !== undefined) group.members.add(told.member);
    groups.set(told.key, group);
  }
  const all = [...groups.values()];
  const left: Readonly<Record<Kind, readonly Group[]>> = {
    warning: overflow(all, "warning"),
    trouble: overflow(all, "trouble"),
    other: [],
  };
  return all.flatMap((group): readonly StoryLine[] => {
    const rest = left[group.kind];
    if (rest[0] === group) return [restOf(rest)];
    if (rest.includes(group)) return [];
    const { members, first, last, kind, text } = group;
    return [{ text: text(namesOf([...members], kind === "trouble"), members.size), first, last }];
  });
};

/** The groups of a kind that share one line; empty if each has room for its own. */
const overflow = (all: readonly Group[], kind: Kind): readonly Group[] => {
  const own = all.filter((group) => group.kind === kind);
  return own.length > most[kind] ? own.slice(most[kind] - 1) : [];
};

const restOf = (groups: readonly Group[]): StoryLine => {
  const names = namesOf([...new Set(groups.flatMap(({ members }) => [...members]))], true);
  const what = groups[0]?.kind === "warning" ? "warnings" : `failures and questions, of ${names}`;
  const times = groups.flatMap(({ first, last }) => [first, last]).sort();
  return {
    text: `${groups.length} other ${what}: --json has them all`,
    first: times[0] ?? "",
    last: times.at(-1) ?? "",
  };
};

/** `ana`, `ana and bo`, `ana, bo, cy and 17 more`: more names if a person has to find these members. */
const namesOf = (members: readonly string[], isWanted: boolean): string => {
  const room = isWanted ? 8 : 3;
  const shown = members.length <= room + 1 ? members : members.slice(0, room);
  const left = members.length - shown.length;
  const all = left === 0 ? shown : [...shown, `${left} more`];
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
};

/** True if a member in this state needs a person's attention. */
const isTrouble = (state: string): boolean => troubles.has(state);
const troubles: ReadonlySet<string> = new Set(["waiting", "ended", "lost", "blocked"]);

type EntryOf<T extends JournalEntry["type"]> = Extract<JournalEntry, { readonly type: T }>;

const other = (key: string, text: EntryLine["text"], member?: string): EntryLine => ({
  key,
  kind: "other",
  text,
  ...(member === undefined ? {} : { member }),
});

/** Null for an entry that has no line of its own. */
const entryLineOf = (entry: JournalEntry): EntryLine | null => {
  switch (entry.type) {
    case "run": {
      const { mode, attempt, members } = entry.run;
      const whose = mode === "create" ? "a new team" : "a known team";
      const nth = attempt === 1 ? "" : `, attempt ${attempt}`;
      return other("run", () => `launch of ${whose}, ${members.length} agents${nth}`);
    }
    case "step":
      return null;
    case "warning": {
      const { code, message } = entry;
      return {
        key: `warning ${code} ${message}`,
        kind: "warning",
        text: () => `warning: ${code}: ${message}`,
      };
    }
    case "making-worktree": {
      const { path, branch } = entry.worktree;
      const one = `makes the worktree ${path}, branch ${branch}`;
      const text = (names: string, many: number) => (many === 1 ? one : `makes ${many} worktrees: ${names}`);
      return other("making-worktree", text, entry.member);
    }
    case "trust":
      return other("trust", () => `trust: ${trustText(entry.preflight.strategyResults)}`);
    case "clearing": {
      const { snapshot } = entry;
      return snapshot === null ? null : other("clearing", () => `replaces ${snapshot.launch}`);
    }
    case "storing-team":
      return other("storing-team", () => "stores the team");
    case "spawning":
      return other("spawning", (names) => `starts ${names}`, entry.member);
    case "not-spawned":
      return notSpawned(entry);
    case "member":
      return memberIs(entry);
    case "undone":
      return other("undone", () => "removed what it had made");
    case "ended": {
      const { state, error } = entry;
      const title = error?.title === undefined ? "" : `${error.title}: `;
      const why = error === undefined ? "" : `: ${error.code}: ${title}${error.message}`;
      return other("ended", () => `ends as ${state}${why}`);
    }
  }
};

const notSpawned = ({ member, code, title, message }: EntryOf<"not-spawned">): EntryLine => {
  const why = [code, ...(title === undefined ? [] : [title]), message].join(": ");
  const text = (names: string, many: number) => `${names} ${many === 1 ? "was" : "were"} not started: ${why}`;
  return { key: `not-spawned ${why}`, kind: "trouble", member, text };
};

/** A ready member with a code counts as trouble too, since a person should read the code. */
const memberIs = ({ member, state, code }: EntryOf<"member">): EntryLine => {
  const is = code === undefined ? state : `${state}: ${code}`;
  const text = (names: string, many: number) => `${names} ${many === 1 ? "is" : "are"} ${is}`;
  const kind = isTrouble(state) || code !== undefined ? "trouble" : "other";
  return { key: `member ${is}`, kind, member, text };
};

const trustText = (results: readonly { readonly provider: string; readonly status: string }[]): string =>
  countsOf(results.map(({ provider, status }) => `${provider} ${status}`)) || "no folder was prepared";
