import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit/io";
import { dataFolder } from "@gatehouse/fs-kit/data-folder";
import { visible, type Result, type WaitingInHost } from "@gatehouse/std";
import { listHeld, waitsFor, type HeldAgent } from "@gatehouse/held-client";
import { agentJson, renderAgents, tornIn, tornWarnings } from "./render-ps.ts";
import { approvalJson, type ListApprovals, renderWaiting, waitingJson } from "./waiting-list.ts";

export type PsFlags = {
  readonly data?: string;
  readonly json?: boolean;
  /** Everything that waits for a person: agents that ask, and approvals. */
  readonly waiting?: boolean;
  /** With `waiting`: the address of a host's database. */
  readonly database?: string;
  /** Whole folders at a terminal too; a pipe always gets them. */
  readonly wide?: boolean;
  /** Print again each second, until Ctrl-C; with `json` one document a line, for each change. */
  readonly watch?: boolean;
};

/** What the program knows of the host in a data folder. */
export type HostForPs = {
  readonly listApprovals: ListApprovals;
  /** The failure if a data folder belongs to another account, and so cannot be read; else null. */
  readonly whyForeign: (dataDir: string) => Promise<Failure | null>;
  /** How many agents of groups are connected to the host; 0 without one. */
  readonly groupAgents: (dataDir: string) => Promise<number>;
};

const everyMs = 1_000;

/**
 * Lists held agents from their files: needs no host and no database. Approvals are read only with `waiting`.
 * If they cannot be read, the command fails, but still lists the agents. Returns the exit code.
 */
export const psCommand = async (
  flags: PsFlags,
  io: Io,
  { listApprovals, whyForeign, groupAgents }: HostForPs,
): Promise<number> => {
  let before: Shown = { text: "", complaints: "" };
  for (;;) {
    const dataDir = dataFolder(io.env, flags.data);
    const listed = await listHeld(dataDir);
    if (!listed.ok) {
      printFailure(io, flags.json === true, (await whyForeign(dataDir)) ?? listed.error);
      return 1;
    }
    const { torn } = listed.value;
    const place = { dataDir, env: io.env, database: flags.database };
    const isWaiting = flags.waiting === true;
    const agents = listed.value.agents.filter((agent) => !isWaiting || waitsFor(agent) !== null);
    const approvals = isWaiting ? await listApprovals(place) : null;
    const wide = flags.wide === true || io.stdout.isTTY !== true;
    const asksGroups = agents.length === 0 && approvals === null && flags.json !== true;
    const ofGroups = asksGroups ? await groupAgents(dataDir) : 0;
    const shown = shownOf({ agents, approvals, torn, ofGroups }, { ...flags, wide });
    if (shown.complaints !== before.complaints) io.stderr.write(shown.complaints);
    if (shown.text !== before.text) print({ agents, approvals, torn }, shown.text, flags, io);
    before = shown;
    if (flags.watch !== true) return approvals?.ok === false ? 1 : 0;
    const { pause } = await import("@gatehouse/fs-kit");
    await pause(everyMs, io.signal);
    if (io.signal.aborted) return 130;
  }
};

type Listed = {
  readonly agents: readonly HeldAgent[];
  /** Null if they were not asked for. */
  readonly approvals: Result<WaitingInHost, Failure> | null;
  readonly torn: readonly string[];
};

/** The output, and the warnings on stderr. An output equal to the last one is not printed again. */
type Shown = { readonly text: string; readonly complaints: string };

const shownOf = (
  { agents, approvals, torn, ofGroups }: Listed & { readonly ofGroups: number },
  { json: isJson = false, wide: isWide = false, data }: PsFlags,
): Shown => {
  const unread = approvals?.ok === false && !isJson ? [approvals.error] : [];
  const complaints = [
    tornWarnings({ torn }),
    ...unread.map(
      ({ message, fix }) =>
        visible(`approvals are not listed: ${message}${fix === undefined ? "" : ` ${fix}`}`) + "\n",
    ),
  ].join("");
  if (isJson) return { text: JSON.stringify([agents, approvals]), complaints };
  if (approvals === null)
    return {
      text: agents.length === 0 ? noneHeld(ofGroups) : renderAgents(agents, Date.now(), isWide),
      complaints,
    };
  const nothing = approvals.ok ? "Nothing waits for a person.\n" : "No agent waits for a person.\n";
  return {
    text: renderWaiting(agents, waitingOf(approvals), { now: Date.now(), data }) || nothing,
    complaints,
  };
};

/** Agents of groups are not held: the host starts and ends them. */
const noneHeld = (ofGroups: number): string => {
  const who = ofGroups === 1 ? "1 agent of a group runs" : `${ofGroups} agents of groups run`;
  return `No agents are held here.${ofGroups === 0 ? "" : ` ${who}: ncl sessions list`}\n`;
};

const print = ({ agents, approvals, torn }: Listed, text: string, flags: PsFlags, io: Io): void => {
  if (flags.json !== true) {
    io.stdout.write(flags.watch === true && io.stdout.isTTY === true ? `\x1b[H\x1b[2J${text}` : text);
    return;
  }
  const waiting = waitingOf(approvals);
  const { data } = flags;
  printJson(io, {
    ok: approvals?.ok !== false,
    agents: agents.map(agentJson),
    ...tornIn({ torn }),
    ...(approvals?.ok === true
      ? { approvals: waiting.approvals.map((approval) => approvalJson(approval, data)) }
      : {}),
    ...(approvals === null ? {} : { waiting: waitingJson(agents, waiting, data) }),
    ...(waiting.more === 0 ? {} : { moreApprovals: waiting.more }),
    ...(approvals?.ok === false ? { error: approvals.error } : {}),
  });
};

/** Empty if approvals could not be read, or were not asked for. */
const waitingOf = (approvals: Listed["approvals"]): WaitingInHost =>
  approvals?.ok === true ? approvals.value : { approvals: [], more: 0, vendors: [] };

/**
 * Parses `gatehouse ps` with the flags that need no parser. Returns a function that runs it and resolves to
 * its exit code; null for any other command line: the program's own parser reads that, and takes longer to
 * load than `ps` takes to run.
 */
export const quickPs = (argv: readonly string[], host: HostForPs): ((io: Io) => Promise<number>) | null => {
  const [command, ...rest] = argv;
  if (command !== "ps") return null;
  const flags: { -readonly [F in keyof PsFlags]: PsFlags[F] } = {};
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at];
    if (word === "--json") flags.json = true;
    else if (word === "--waiting") flags.waiting = true;
    else if (word === "--watch") flags.watch = true;
    else if (word === "--wide") flags.wide = true;
    else if (word === "--data" && rest[at + 1] && !rest[at + 1]?.startsWith("-"))
      flags.data = rest[++at] ?? "";
    else return null;
  }
  return (io) => psCommand(flags, io, host);
};
