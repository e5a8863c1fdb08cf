import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readPlainFileSync } from "@gatehouse/fs-kit";
import { markedValues, processRecords, stateOf, type ProcessRecord } from "@gatehouse/processes/records";
import { systemCode, type Result } from "@gatehouse/std";
import { agentVariable, heldPlaces } from "./held-places.ts";
import {
  statusIn,
  type HeldNotice,
  type HeldQuestion,
  type HeldStatus,
  type HolderState,
} from "./held-state.ts";

/** An agent as `gatehouse ps` shows it. */
export type HeldAgent = {
  readonly id: string;
  readonly member: string;
  readonly team: string | null;
  readonly provider: string;
  readonly folder: string;
  /** `lost`: its holder has ended, and one of its processes still runs, in its process group or outside. */
  readonly state: HolderState | "lost";
  readonly since: string;
  readonly question?: HeldQuestion;
  readonly notice?: HeldNotice;
  /** Only of an ended agent; missing if its holder was killed before it saw the exit code. */
  readonly exitCode?: number;
  /** Why it ended by itself, if only a person can solve that: `no-connection`, `sign-in-needed`. */
  readonly endedAt?: string;
  readonly screen?: string;
  /** The agent's process, which leads its group; null once it has ended. */
  readonly pid: number | null;
};

export type HeldUnreadable = { readonly code: "held-unreadable"; readonly message: string };

export type HeldList = {
  /** Sorted by team and member. */
  readonly agents: readonly HeldAgent[];
  /**
   * Files with an incomplete record or status, or that cannot be read. They are left unchanged, and no process is
   * ended because of them.
   */
  readonly torn: readonly string[];
};

/** Lists all held agents of a data folder from its files: asks no host, no database, and no socket. */
export const listHeld = async (dataDir: string): Promise<Result<HeldList, HeldUnreadable>> => {
  const places = heldPlaces(dataDir);
  const holders = await processRecords(places.holders).list();
  if (!holders.ok) return unreadable(holders.error.message);
  // Groups are read only if a holder has ended: each file costs `ps` a millisecond.
  const held = new Set(holders.value.records.filter(isHolding));
  const isOneGone = held.size < holders.value.records.length;
  const groups = isOneGone ? await processRecords(places.groups).list() : noRecords;
  if (!groups.ok) return unreadable(groups.error.message);
  const statuses = statusesIn(places.states);
  if (!statuses.ok) return statuses;
  const byId = new Map(groups.value.records.map((record) => [record.id, record]));
  const left = new Map(statuses.value.statuses.map((status) => [status.id, status]));
  // Marks find agents whose holder was killed before it recorded them, and processes that have left their
  // group.
  const marked = isOneGone ? markedValues(agentVariable) : new Set<string>();
  const agents: HeldAgent[] = [];
  for (const holder of holders.value.records) {
    const { id } = holder;
    const found = { group: byId.get(id) ?? null, status: left.get(id) ?? null, isMarked: marked.has(id) };
    agents.push(agentOf(holder, held.has(holder), found));
    left.delete(id);
  }
  for (const status of left.values()) agents.push(ended(status));
  agents.sort(byTeamAndMember);
  const torn = [...holders.value.torn, ...groups.value.torn, ...statuses.value.torn];
  return { ok: true, value: { agents, torn } };
};

const noRecords = { ok: true, value: { records: [], torn: [] } } as const;

/**
 * True if the holder runs. A holder in another container counts as running, since only its files are visible
 * here.
 */
const isHolding = (holder: ProcessRecord): boolean => {
  const state = stateOf(holder);
  return state === "running" || state === "elsewhere";
};

/** Compares by code units: `localeCompare` loads tables, which takes longer than reading twenty agents. */
const byTeamAndMember = (one: HeldAgent, other: HeldAgent): number =>
  compare(one.team ?? "", other.team ?? "") || compare(one.member, other.member);

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** The traces of an agent other than its holder. */
type Found = {
  readonly group: ProcessRecord | null;
  readonly status: HeldStatus | null;
  /** A process with the agent's mark runs. */
  readonly isMarked: boolean;
};

const agentOf = (holder: ProcessRecord, isHeld: boolean, { group, status, isMarked }: Found): HeldAgent => {
  const here = status ?? startingStatus(holder, group);
  if (isHeld) return here.state === "ended" ? ended(here) : shown(here, here.state);
  const left = group === null ? "ended" : stateOf(group);
  return isMarked || left === "running" || left === "left-behind" ? shown(here, "lost") : ended(here);
};

/** The status of an agent whose holder has not written a status yet. */
const startingStatus = ({ id, label }: ProcessRecord, group: ProcessRecord | null): HeldStatus => ({
  v: 1,
  id,
  team: label["team"] === undefined ? null : String(label["team"]),
  member: String(label["member"] ?? id),
  provider: String(label["provider"] ?? ""),
  folder: String(label["folder"] ?? ""),
  pid: group?.process.pid ?? 0,
  state: "starting",
  since: String(label["since"] ?? ""),
});

const shown = (status: HeldStatus, state: HeldAgent["state"]): HeldAgent => {
  const { question, pid, ...rest } = status;
  const asks = state === "waiting" && question !== undefined ? { question } : {};
  return { ...rest, state, ...asks, pid: pid === 0 ? null : pid };
};

const ended = (status: HeldStatus): HeldAgent => ({ ...shown(status, "ended"), pid: null });

type ListedStatuses = { readonly statuses: readonly HeldStatus[]; readonly torn: readonly string[] };

const statusesIn = (folder: string): Result<ListedStatuses, HeldUnreadable> => {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
    const read = files.map((name) => [join(folder, name), readWhole(join(folder, name))] as const);
    const statuses = read.flatMap(([, status]) => (status === null || status === "torn" ? [] : [status]));
    const torn = read.flatMap(([file, status]) => (status === "torn" ? [file] : []));
    return { ok: true, value: { statuses, torn } };
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT"
      ? { ok: true, value: { statuses: [], torn: [] } }
      : unreadable(`${folder}: ${code}`);
  }
};

/** Null for a file that is torn, cannot be read, or was removed meanwhile. */
export const readStatus = (file: string): HeldStatus | null => {
  const status = readWhole(file);
  return status === "torn" ? null : status;
};

/** Null for a file that was removed meanwhile. */
const readWhole = (file: string): HeldStatus | "torn" | null => {
  try {
    return statusIn(readPlainFileSync(file)) ?? "torn";
  } catch (error) {
    return systemCode(error) === "ENOENT" ? null : "torn";
  }
};

const unreadable = (message: string): Result<never, HeldUnreadable> => ({
  ok: false,
  error: { code: "held-unreadable", message },
});
