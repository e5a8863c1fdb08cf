import { existsSync } from "node:fs";
import process from "node:process";
import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { scheduleState, scheduleText } from "@gatehouse/backup";
import { readCentral, type CentralTables } from "@gatehouse/central-database";
import { readUpstreams } from "@gatehouse/gateway/upstreams";
import { containerRows, statusOf, type CentralStatus } from "@gatehouse/session-rows";
import { installOf, runningHost, type RunningHost } from "@gatehouse/data-folder";
import { dataFolder, diskSpace, lowDiskFix, spaceText, type DiskSpace } from "@gatehouse/fs-kit";
import {
  failedServers,
  hostStates,
  type HostState,
  installationNameIn,
  unansweredMessages,
  unlikeSettings,
  vendorWaits,
  type FailedServer,
  type WaitingCount,
} from "@gatehouse/session-rows";
import { serverFailures } from "@gatehouse/session-rows/messages";
import { readWireState, type WireState } from "@gatehouse/wire";
import { spooledWork, type SpooledWork } from "@gatehouse/workloads";
import { storedBytes, type StoredBytes } from "@gatehouse/session-rows";
import { isolationMissing } from "@gatehouse/agent-clis/applied";
import { factsOf } from "@gatehouse/places/facts";
import { isWeaker, type Isolation } from "@nc/container-config";
import { visible, type WaitingVendor } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import {
  containersRows,
  type ContainersRow,
  containersDocument,
  containersStatus,
  type ContainersStatus,
} from "@gatehouse/places/containers";
import { botStates, botText, type BotState } from "@gatehouse/messengers/state";
import { versionMismatches, versionText, type Versions } from "./versions.ts";

/** The flags of `gatehouse status`, parsed. */
export type StatusFlags = DatabaseFlags & { readonly data?: string; readonly json?: boolean };

/**
 * Prints the state of a host and its waiting work, and returns the exit code. Changes nothing, and needs no running host.
 */
export const statusCommand = async (flags: StatusFlags, version: string, io: Io): Promise<number> => {
  const { data, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const host = await runningHost(dataDir);
  const place = { dataDir, env: io.env, hasHost: host !== null, isShared: chosen.database !== null };
  const read = await readCentral({ dataDir, ...chosen }, (db) => statusIn(db, place));
  if (!read.ok) {
    printFailure(io, isJson, read.error);
    return 1;
  }
  const image = read.value?.containers.runtime?.image ?? null;
  const versions = { program: version, host: host?.version ?? null, image };
  const agents = host === null ? null : await readWireState(dataDir);
  const database = chosen.database?.shown ?? "gatehouse.db";
  const spooled = await spooledWork(dataDir);
  const disk = existsSync(dataDir) ? await diskSpace(dataDir) : null;
  const upstreams = await readUpstreams(dataDir);
  const backups = await scheduleState(dataDir, Date.now());
  if (isJson)
    printJson(io, {
      ok: true,
      data: dataDir,
      version,
      host: { running: host !== null, ...(host ?? noHost) },
      database,
      agents,
      spooled,
      disk,
      backups: backups.ok ? backups.value : backups.error,
      ...read.value,
      hostUpstreams: upstreams.ok ? upstreams.value : null,
      ...(read.value === null ? {} : { containers: containersDocument(read.value.containers) }),
    });
  else
    io.stdout.write(
      `${lines(dataDir, { host, versions, agents, spooled, disk, upstreams, backups }, database, read.value).join("\n")}\n`,
    );
  return 0;
};

/** A row of the text output. */
type StatusRow = ContainersRow;

const row = (name: string, text: string, isWrong = false): StatusRow => ({ name, text, isWrong });

const lineOf = ({ name, text }: StatusRow): string => `${name.padEnd(10)} ${text}`;

const noHost: RunningHost = { pid: null, version: null, since: null, answers: false };

/** The rows of the console of a running host: those of `gatehouse status` that the page does not count itself. */
export const statusRows = async (
  db: Kysely<CentralTables>,
  { dataDir, env, version, database }: HostHere,
): Promise<readonly StatusRow[]> => {
  const status = await statusIn(db, { dataDir, env, hasHost: true, isShared: database !== null });
  const image = status.containers.runtime?.image ?? null;
  const folder = {
    host: { pid: process.pid, answers: true },
    versions: { program: version, host: version, image },
    agents: await readWireState(dataDir),
    spooled: await spooledWork(dataDir),
    disk: await diskSpace(dataDir),
    upstreams: await readUpstreams(dataDir),
    backups: await scheduleState(dataDir, Date.now()),
  };
  return [
    ...versionRows(folder, status),
    ...hostRows(folder, database ?? "gatehouse.db", status),
    ...someWait(waitingForAgents(status, folder.spooled)),
  ];
};

type HostHere = {
  readonly dataDir: string;
  readonly env: Io["env"];
  readonly version: string;
  /** The server, as people may see it; null for the file in the data folder. */
  readonly database: string | null;
};

type StatusPlace = {
  readonly dataDir: string;
  readonly env: Io["env"];
  readonly hasHost: boolean;
  readonly isShared: boolean;
};

/** Reads the part of the state that is in the database, and the containers. */
const statusIn = async (db: Kysely<CentralTables>, { dataDir, ...where }: StatusPlace): Promise<Status> => {
  const hosts = await hostsOf(db);
  const installInCluster = await installationNameIn(db);
  const containers = await containersStatus({
    dataDir,
    ...where,
    install: () => installOf(dataDir),
    installInCluster,
    rowsOf: (ids) => containerRows(db, ids),
  });
  return {
    ...(await statusOf(db, new Date().toISOString())),
    agentMessages: await unansweredMessages(db),
    vendors: await vendorWaits(db),
    failedServers: await failedServers(db),
    upstreams: await groupUpstreams(db),
    stored: await storedBytes(db),
    channels: await botStates(dataDir, db),
    ...hosts,
    containers,
    waits: await groupsThatWait(db, containers),
    machines: await machineStates(db, hosts.hosts),
  };
};

type Status = CentralStatus & {
  readonly agentMessages: WaitingCount;
  readonly stored: readonly StoredBytes[];
  readonly containers: ContainersStatus;
  readonly waits: readonly WaitingGroup[];
  readonly vendors: readonly WaitingVendor[];
  readonly failedServers: readonly FailedServer[];
  readonly upstreams: readonly GroupUpstream[];
  readonly channels: readonly BotState[];
  readonly machines: readonly MachineState[];
  readonly hosts: readonly HostState[];
  readonly unlike: Awaited<ReturnType<typeof unlikeSettings>>;
};

/** The hosts of a database on a server, and what they have not of the settings that they share. */
const hostsOf = async (db: Kysely<CentralTables>): Promise<Pick<Status, "hosts" | "unlike">> => {
  const hosts = await hostStates(db);
  return { hosts, unlike: await unlikeSettings(db, hosts) };
};

const hostRow = ({
  place,
  version,
  runtime,
  isHeard,
  seenAt,
  sessions,
  running,
  groups,
}: HostState): StatusRow => {
  const program = version === null ? runtime : `${version}, ${runtime}`;
  if (!isHeard)
    return row(
      "host",
      `${visible(place)} (${program}) has not been heard of since ${seenAt}: it ended, or cannot reach the database`,
      true,
    );
  const agents =
    running === 0 ? "no agent" : `${running} of them with an agent: ${groups.map(visible).join(", ")}`;
  return row("host", `${visible(place)} (${program}) works on ${sessions} sessions, ${agents}`);
};

/** Another machine that runs the agents of a group. Times are ISO 8601, UTC. */
type MachineState = {
  readonly machine: string;
  readonly group: string;
  readonly connectedAt: string;
  /** Null while it is connected. */
  readonly disconnectedAt: string | null;
  /** True if it dials a host that is gone. */
  readonly isHostGone: boolean;
  /** When the host that it serves instead took the place of this one; null if it serves this one. */
  readonly laterHost: string | null;
};

const machineStates = async (
  db: Kysely<CentralTables>,
  hosts: readonly HostState[],
): Promise<readonly MachineState[]> => {
  const rows = await db
    .selectFrom("machines")
    .innerJoin("agent_groups", "agent_groups.id", "agent_group_id")
    .select(["machines.name as machine", "agent_groups.name as group", "host"])
    .select(["connected_at as connectedAt", "disconnected_at as disconnectedAt", "later_host as laterHost"])
    .orderBy("machines.name")
    .orderBy("machines.id")
    .execute();
  return rows.map(({ host, ...row }) => {
    // A database in a file has one host, and no rows of hosts.
    const isHeard = hosts.length === 0 || hosts.some(({ name, isHeard: is }) => is && name === host);
    return { ...row, isHostGone: row.disconnectedAt === null && !isHeard };
  });
};

const machineRow = (state: MachineState): StatusRow => {
  const { connectedAt, disconnectedAt, isHostGone, laterHost } = state;
  const [machine, group] = [visible(state.machine), visible(state.group)];
  const waits = (why: string): StatusRow =>
    row("waits", `the agents of ${group}: their machine ${machine} ${why}`, true);
  if (laterHost !== null)
    return waits(
      `serves the host that took the place of this one at ${laterHost}; if this one goes on: gatehouse down, then once gatehouse up --in-place-of`,
    );
  if (isHostGone) return waits("dials a host that is gone; start that host again");
  return disconnectedAt === null
    ? row("machine", `${machine} runs the agents of ${group}, connected since ${connectedAt}`)
    : waits(`is away since ${disconnectedAt}; start it there again: gatehouse machine run`);
};

/** A group with an address of its own for a vendor's models. */
type GroupUpstream = { readonly group: string; readonly name: string; readonly upstream: string };

const groupUpstreams = async (db: Kysely<CentralTables>): Promise<readonly GroupUpstream[]> => {
  const rows = await db
    .selectFrom("container_configs")
    .innerJoin("agent_groups", "agent_groups.id", "container_configs.agent_group_id")
    .select(["agent_groups.id as group", "name", "upstream"])
    .where("upstream", "is not", null)
    .orderBy("name")
    .orderBy("agent_groups.id")
    .execute();
  return rows.flatMap(({ upstream, ...row }) => (upstream === null ? [] : [{ ...row, upstream }]));
};

/** A group that runs under more isolation than its host has, and a sentence with the fix. */
type WaitingGroup = { readonly group: string; readonly name: string; readonly reason: string };

const groupsThatWait = async (
  db: Kysely<CentralTables>,
  { runtime }: ContainersStatus,
): Promise<readonly WaitingGroup[]> => {
  // An engine has the strongest isolation.
  if (runtime === null || runtime.socket !== null) return [];
  const groups = await db
    .selectFrom("container_configs")
    .innerJoin("agent_groups", "agent_groups.id", "container_configs.agent_group_id")
    .leftJoin("machines", "machines.agent_group_id", "agent_groups.id")
    .select(["agent_groups.id", "agent_groups.name", "isolation"])
    .where("machines.id", "is", null)
    .orderBy("agent_groups.name")
    .orderBy("agent_groups.id")
    .execute();
  const here = factsOf(runtime.name)?.isolation ?? "process";
  return groups
    .map((row) => ({ ...row, isolation: row.isolation as Isolation }))
    .filter(({ isolation }) => isWeaker(here, isolation))
    .map(({ id: group, name, isolation }) => ({
      group,
      name,
      reason: isolationMissing({ id: group, name, isolation }, here, "host"),
    }));
};

/** The part of the state that is outside the database. */
type FolderState = {
  /** Null if none runs. */
  readonly host: Pick<RunningHost, "pid" | "answers"> | null;
  readonly versions: Versions;
  readonly agents: WireState | null;
  readonly spooled: SpooledWork;
  readonly disk: DiskSpace | null;
  readonly upstreams: Awaited<ReturnType<typeof readUpstreams>>;
  readonly backups: Awaited<ReturnType<typeof scheduleState>>;
};

const lines = (
  dataDir: string,
  folder: FolderState,
  database: string,
  status: Status | null,
): readonly string[] => {
  const { spooled } = folder;
  const head = [`${dataDir}: ${hostText(folder)}.`, ...versionRows(folder, status).map(lineOf)];
  if (status === null) return [...head, "There is no database yet: gatehouse init makes the owner's group."];
  const { groups, sessions, intents, approvals, questions, localMessages } = status;
  const { running, stopped, closed } = sessions;
  const rows = [
    row("groups", String(groups)),
    row("sessions", `${running} running, ${stopped} without a container, ${closed} closed`),
    ...hostRows(folder, database, status),
    ...waitingRows([
      ["approvals", approvals, "for a person: ncl approvals list"],
      ["questions", questions, "for an answer: ncl approvals list"],
      ["intents", intents, "to be carried out"],
      ["messages", localMessages, "to be routed"],
      ...waitingForAgents(status, spooled),
    ]),
  ];
  return [...head, ...rows.map(lineOf)];
};

const hostText = ({ host }: FolderState): string => {
  if (host === null) return "no host runs; gatehouse up starts one";
  const who = host.pid === null ? "" : ` (pid ${host.pid})`;
  return host.answers ? `a host runs${who}` : `a host holds it${who} and does not answer`;
};

const versionRows = ({ versions }: FolderState, status: Status | null): readonly StatusRow[] => [
  row("version", visible(versionText(versions))),
  ...versionMismatches(versions, status?.containers.runtime?.name ?? null).map((text) =>
    row("upgrade", visible(text), true),
  ),
];

/** The rows about the host and what it is connected with, which the console has nowhere else. */
const hostRows = (
  { host, agents, disk, upstreams, backups }: FolderState,
  database: string,
  status: Status,
): readonly StatusRow[] => [
  row("database", database),
  ...(disk === null ? [] : [diskRow(disk)]),
  ...(backups.ok
    ? backups.value === null
      ? []
      : [row("backup", visible(scheduleText(backups.value)), backups.value.failure !== null)]
    : [row("backup", visible(backups.error.message), true)]),
  ...(upstreams.ok
    ? Object.entries(upstreams.value).map(([vendor, url]) => row("upstream", `${vendor}=${url.href}`))
    : [row("upstream", visible(upstreams.error.message), true)]),
  ...status.upstreams.map(({ name, upstream }) => row("upstream", `${visible(name)}: ${visible(upstream)}`)),
  ...containersRows(status.containers, host !== null),
  ...status.hosts.map(hostRow),
  ...status.unlike.map(({ host, file, reason }) =>
    row("settings", `${visible(host)} shares ${file} not: ${visible(reason)}`, true),
  ),
  ...status.machines.map(machineRow),
  ...status.waits.map(({ reason }) => row("waits", visible(reason), true)),
  ...status.vendors.map(({ group, session, trouble, since }) =>
    row("waits", `${visible(group)} (${session}): ${trouble} since ${since}`, true),
  ),
  ...status.failedServers.map(({ group, session, server, why }) =>
    row("mcp", `${visible(group)} (${session}): ${server} did not start: ${serverFailures[why]}`, true),
  ),
  ...(agents === null ? [] : [agentRow(agents)]),
  ...status.channels.map((state) => row(state.type, visible(botText(state)), state.trouble !== null)),
  storedRow(status.stored),
];

/** What agents have not taken, or not handed over. */
const waitingForAgents = ({ agentMessages }: Status, spooled: SpooledWork): readonly Waiting[] => [
  ["unanswered", agentMessages, "for an agent"],
  ["spooled", spooled, "to be handed over by an agent"],
];

/** The disk space of messages and their files, and the largest session. */
const storedRow = (stored: readonly StoredBytes[]): StatusRow => {
  const all = stored.map(({ messages, files }) => messages + files);
  const [largest] = stored;
  const most = largest === undefined ? "" : `, most in ${largest.sessionId} (${megabytes(all[0] ?? 0)})`;
  const sum = megabytes(all.reduce((total, bytes) => total + bytes, 0));
  return row("stored", `${sum} of messages and files${most}`);
};

const diskRow = (space: DiskSpace): StatusRow =>
  row(
    "disk",
    `${spaceText(space)}${space.isLow ? `: nearly full, so agents that write much are held; ${lowDiskFix}` : ""}`,
    space.isLow,
  );

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Connected agents, their unread bytes, and the reason of the last closed connection. */
const agentRow = ({ agents, lastClosed }: WireState): StatusRow => {
  const unread = agents.reduce((sum, { bytesUnread }) => sum + bytesUnread, 0);
  const refusals = agents.reduce((sum, one) => sum + one.refusals, 0);
  const heard = agents.map(({ lastHeardAt }) => lastHeardAt).toSorted()[0];
  const since = heard === undefined ? "" : `, the quietest heard of at ${heard}`;
  const closed = lastClosed === null ? "" : `; last closed: ${lastClosed.why}, at ${lastClosed.at}`;
  return row(
    "agents",
    `${agents.length} connected${since}, ${unread} bytes unread, ${refusals} refusals${closed}`,
  );
};

type Waiting = readonly [what: string, counted: CentralStatus["intents"], why: string];

/** A row for each kind of work that waits, and a last one that says that this is all. */
const waitingRows = (kinds: readonly Waiting[]): readonly StatusRow[] => {
  const some = someWait(kinds);
  return [...some, row("waiting", `nothing${some.length === 0 ? "" : " else"}`)];
};

const someWait = (kinds: readonly Waiting[]): readonly StatusRow[] =>
  kinds.flatMap(([what, { count, oldest }, why]) =>
    count > 0 ? [row(what, `${count} ${count === 1 ? "waits" : "wait"} ${why}, since ${oldest ?? ""}`)] : [],
  );
