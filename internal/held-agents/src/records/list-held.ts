import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { processRecords, stateOf, type ProcessRecord } from "@gatehouse/processes/records";
import { systemCode, type Result } from "@gatehouse/std";
import { heldPlaces } from "./held-places.ts";
import { statusIn, type HeldQuestion, type HeldStatus, type HolderState } from "./held-state.ts";

/** An agent as `gatehouse ps` shows it. */
export type HeldAgent = {
  readonly id: string;
  readonly member: string;
  readonly team: string | null;
  readonly provider: string;
  readonly folder: string;
  /** `lost`: its holder is gone, and something of its process group runs on. */
  readonly state: HolderState | "lost";
  readonly since: string;
  readonly question?: HeldQuestion;
  /** Of an ended agent; missing if its holder was killed and nobody saw the code. */
  readonly exitCode?: number;
  readonly screen?: string;
  /** The agent's process, which leads its group; null once it has ended. */
  readonly pid: number | null;
};

export type HeldUnreadable = { readonly code: "held-unreadable"; readonly message: string };

export type HeldList = {
  /** By team and member. */
  readonly agents: readonly HeldAgent[];
  /** Files that hold no whole record. They stay as they are. */
  readonly torn: readonly string[];
};

/** All held agents of a data folder, by files alone: no host, no database, and no socket is asked. */
export const listHeld = async (dataDir: string): Promise<Result<HeldList, HeldUnreadable>> => {
  const places = heldPlaces(dataDir);
  const holders = await processRecords(places.holders).list();
  if (!holders.ok) return unreadable(holders.error.message);
  // Only where a holder is gone: each file that is read takes `ps` a millisecond.
  const held = new Set(holders.value.records.filter(isHolding));
  const groups =
    held.size < holders.value.records.length ? await processRecords(places.groups).list() : noRecords;
  if (!groups.ok) return unreadable(groups.error.message);
  const statuses = statusesIn(places.states);
  if (!statuses.ok) return statuses;
  const byId = new Map(groups.value.records.map((record) => [record.id, record]));
  const left = new Map(statuses.value.map((status) => [status.id, status]));
  const agents: HeldAgent[] = [];
  for (const holder of holders.value.records) {
    agents.push(agentOf(holder, held.has(holder), byId.get(holder.id) ?? null, left.get(holder.id) ?? null));
    left.delete(holder.id);
  }
  for (const status of left.values()) agents.push(ended(status));
  agents.sort((one, other) => orderOf(one).localeCompare(orderOf(other)));
  return { ok: true, value: { agents, torn: [...holders.value.torn, ...groups.value.torn] } };
};

const noRecords = { ok: true, value: { records: [], torn: [] } } as const;

/** Of a holder in another container nothing is known but its files. */
const isHolding = (holder: ProcessRecord): boolean => {
  const state = stateOf(holder);
  return state === "running" || state === "elsewhere";
};

const orderOf = ({ team, member }: HeldAgent): string => `${team ?? ""}/${member}`;

const agentOf = (
  holder: ProcessRecord,
  isHeld: boolean,
  group: ProcessRecord | null,
  status: HeldStatus | null,
): HeldAgent => {
  const here = status ?? startingStatus(holder, group);
  if (isHeld && here.state !== "ended") return shown(here, here.state);
  if (isHeld || group === null) return ended(here);
  const left = stateOf(group);
  return left === "running" || left === "left-behind" ? shown(here, "lost") : ended(here);
};

/** An agent whose holder has written no status yet. */
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

const statusesIn = (folder: string): Result<readonly HeldStatus[], HeldUnreadable> => {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    const statuses = names.map((name) => readStatus(join(folder, name)));
    return { ok: true, value: statuses.filter((status) => status !== null) };
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? { ok: true, value: [] } : unreadable(`${folder}: ${code}`);
  }
};

/** Null for a file that is torn, or was removed meanwhile. */
export const readStatus = (file: string): HeldStatus | null => {
  try {
    return statusIn(readFileSync(file, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};

const unreadable = (message: string): Result<never, HeldUnreadable> => ({
  ok: false,
  error: { code: "held-unreadable", message },
});
