import type { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { boundedStrangers } from "@gatehouse/socket-server";
import { serveLines, type ServedLine } from "@gatehouse/wire";
import { ok, oneLine } from "@gatehouse/std";
import type { AwayPlace, Place, Workload } from "@gatehouse/workloads";
import type { Container, Exit, RuntimeResult } from "@nc/container-runtime";
import { machineSeen } from "../facts.ts";
import {
  frameIn,
  keyOf,
  machineFrame,
  machineVersion,
  mostBytes,
  replacedHost,
  type MachineAnswer,
  type HostFrame,
  type WelcomedLine,
  type MachineBye,
  type MachineFrame,
} from "./frames.ts";
import { invitations, type Invitations } from "./invitations.ts";
import { machineRows, type AwayMachine, type KnownMachine, type MachineRows } from "./machine-rows.ts";
import { remoteContainer, type RemoteContainer } from "./remote-container.ts";
import { sentFiles } from "./sent-files.ts";

/** The machines that run agents of this host. */
export type Machines = {
  /** Returns the machine on which a group's agents run; null if they run on the host. */
  readonly of: (groupId: string) => Promise<Place | AwayPlace | null>;
  /** Serves a connection. */
  readonly accept: (socket: Socket) => void;
  /** Makes a code, with which one machine becomes that of a group. An older code of the group ends. */
  readonly invite: (groupId: string) => string;
  /** Ends the connections and the agents of machines that were revoked. Call it after a command changed something. */
  readonly endRevoked: () => Promise<void>;
  /** Call it before the first `accept`. `prefix`: how the names of hosts begin that have ended. */
  readonly start: (prefix: string) => Promise<void>;
  /** Gives up what is asked of machines, and asks nothing more: the host stops. */
  readonly endAsking: () => void;
  /** Tells all machines that the host stops. They dial the next one. The database must stay open until it resolves. */
  readonly close: () => Promise<void>;
};

export type MachinesOptions = {
  readonly db: Kysely<CentralTables>;
  /** The name of this host. */
  readonly host: string;
  /** When this host took the place of another one, ISO 8601 in UTC. Default: empty, it never did. */
  readonly since?: string;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Called when a machine has connected, so that the agents of its group start. */
  readonly connected: (groupId: string) => void;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  readonly report: (error: unknown) => void;
  /** Returns what this host gave a token to; null if it is a machine's. Default: null, always. */
  readonly guestOf?: (token: string) => Guest | null;
  /** Agents of a machine that is away for longer are given up, ms. Default: 60 s. */
  readonly goneMs?: number;
};

/** How often a silent machine is pinged, ms. After three pings without an answer it counts as away. */
const pingMs = 10_000;

/** Time for a connection to become a line that was welcomed, ms. */
const welcomeMs = 10_000;

/** Most connections that have shown neither code nor token. One more ends the oldest. */
const mostStrangers = 64;

/** A machine that gives no answer for so long is disconnected, ms. It writes files, and starts a program. */
const answerMs = 60_000;

/** An agent on a machine. */
type Remote = RemoteContainer & { readonly machine: KnownMachine };

type MachineLine = WelcomedLine & { readonly machine: KnownMachine };

/** What a connection belongs to: a machine, or something of the host's own that was given a token. */
export type Guest = {
  /** The name of its group. */
  readonly group: string;
  readonly welcomed: (line: WelcomedLine) => void;
  /** Called with how an agent there ended. */
  readonly exited: (frame: Extract<MachineFrame, { readonly type: "exited" }>) => void;
  /** Called when the connection has ended. */
  readonly ended: (line: WelcomedLine) => void;
};

/** How a container ended is not known. */
const unseen: Exit = { code: null, signal: null, lastLines: [] };

/**
 * Serves machines, each over one WebSocket. A machine shows the code of an invitation or its token, and then runs what the
 * host tells it to. The host forgets agents with its process: those that a machine still runs for an earlier host are ended.
 */
export const openMachines = (options: MachinesOptions): Machines => {
  const { db, host, since = "", now, log, report, goneMs = 60_000 } = options;
  const rows = machineRows(db, host, now);
  const open = invitations(() => performance.now());
  const strangers = boundedStrangers(mostStrangers);
  const unwelcome = new WeakMap<Duplex, NodeJS.Timeout>();
  const lines = new Map<string, MachineLine>();
  const remotes = new Map<string, Remote>();
  const underWay = new Set<Promise<void>>();
  /** Ends what each connection was asked. */
  const asking = new Set<() => void>();
  /** By the id of a machine that was refused for its version. */
  const otherVersions = new Map<string, number>();
  /** The machines of which the log says that they serve a later host: they dial again and again. */
  const saidLater = new Set<string>();
  let isStopping = false;

  const agentsOf = (machineId: string): readonly Remote[] =>
    [...remotes.values()].filter(({ machine }) => machine.id === machineId);
  /** The agents of a machine that it no longer runs have ended; the host has forgotten those that it does not know. */
  const compare = ({ machine, hello, send }: MachineLine): void => {
    const there = new Set(hello.running.map(keyOf));
    for (const [key, remote] of remotes)
      if (remote.machine.id === machine.id && !there.has(key)) remote.exit.settle(unseen);
    for (const running of hello.running)
      if (remotes.get(keyOf(running))?.machine.id !== machine.id)
        send({ type: "kill", graceMs: 0, sessionId: running.sessionId, incarnation: running.incarnation });
  };
  const welcomed = (line: MachineLine): void => {
    const { machine, hello } = line;
    lines
      .get(machine.groupId)
      ?.bye(
        "replaced",
        "Another program with this machine's token has connected. If you started none, somebody has a copy of machine.json: revoke the machine at its host, and invite it again.",
      );
    lines.set(machine.groupId, line);
    otherVersions.delete(machine.id);
    saidLater.delete(machine.id);
    for (const remote of agentsOf(machine.id)) remote.found();
    log("machine-connected", { machine: hello.name, group: machine.groupId, runtime: hello.runtime });
    compare(line);
    options.connected(machine.groupId);
  };
  const ended = (line: MachineLine): void => {
    const { machine, hello } = line;
    if (lines.get(machine.groupId) !== line) return;
    lines.delete(machine.groupId);
    log("machine-disconnected", { machine: hello.name, group: machine.groupId });
    const noted = rows.lost(machine).catch(report);
    underWay.add(noted);
    void noted.then(() => underWay.delete(noted));
    for (const remote of agentsOf(machine.id)) remote.lost(unseen);
  };
  const start = async (
    line: MachineLine,
    workload: Workload,
    token: string,
  ): Promise<RuntimeResult<Container>> => {
    const files = await sentFiles(workload.files);
    if (!files.ok) return files;
    const { machine, hello } = line;
    const { sessionId, incarnation } = workload.label;
    const remote: Remote = {
      machine,
      ...remoteContainer({
        reference: `${hello.name}/${incarnation}`,
        label: workload.label,
        line: () => {
          const now = lines.get(machine.groupId);
          return now?.machine.id === machine.id ? now : null;
        },
        // Its token ends with its incarnation, and the machine ends it when it connects again.
        killUnreached: () => remote.exit.settle(unseen),
        unseen: () => unseen,
        goneMs,
        away: { code: "runtime-unavailable", message: awayReason(hello) },
        refusal: (message) => saidBy(hello, { message }),
      }),
    };
    const key = keyOf({ sessionId, incarnation });
    remotes.set(key, remote);
    remote.exit.onExit(() => void remotes.delete(key));
    const started = await remote.start(workload, files.value, token);
    if (!started.ok) {
      remote.found();
      remotes.delete(key);
    }
    return started;
  };
  const placeOf = (line: MachineLine): Place => ({
    name: line.hello.runtime,
    isolation: line.hello.runtime,
    cannot: machineSeen.cannot,
    bindsGroups: false,
    packages: null,
    start: (workload, token) => start(line, workload, token),
    left: async () => ok(agentsOf(line.machine.id).map(({ container }) => container)),
    problem: async () => (lines.get(line.machine.groupId) === line ? null : awayReason(line.hello)),
    close: async () => line.bye("restarting", "The host stops."),
  });
  const ofMachine = (machine: KnownMachine): Guest => {
    let own: MachineLine | null = null;
    return {
      group: machine.groupName,
      welcomed: (line) => welcomed((own = { ...line, machine })),
      exited: (frame) => {
        const remote = remotes.get(keyOf(frame));
        if (remote?.machine.id === machine.id) remote.exit.settle(frame.exit);
      },
      ended: () => void (own !== null && ended(own)),
    };
  };
  const serve = (served: ServedLine<HostFrame>, stream: Duplex): void => {
    const { socket, bye } = served;
    const asked = new Map<number, (answer: MachineAnswer | null) => void>();
    const endAsked = (): void => {
      for (const answer of asked.values()) answer(null);
      asked.clear();
    };
    asking.add(endAsked);
    let line: WelcomedLine | null = null;
    let guest: Guest | null = null;
    let nextId = 0;
    let isGreeting = false;
    const greet = async (frame: MachineFrame): Promise<void> => {
      if (frame.type !== "hello") return bye("bad-frame", "The first frame has to be hello.");
      isGreeting = true;
      served.greeted();
      if (frame.version !== machineVersion) {
        const known = await rows.take(frame.token, frame.name);
        if (known !== null) {
          await rows.lost(known);
          otherVersions.set(known.id, frame.version);
        }
        // A stranger fills no log.
        if (known !== null || open.groupOf(frame.code ?? "") !== null)
          log("machine-refused", { machine: frame.name, version: frame.version, ours: machineVersion });
        return bye("unknown-version", otherVersion(frame.version));
      }
      if (frame.since !== undefined && frame.since > since) {
        const known = await rows.serves(frame.token, frame.since);
        if (known !== null && !saidLater.has(known.id)) {
          saidLater.add(known.id);
          log("machine-serves-later-host", { machine: frame.name, group: known.groupId, since: frame.since });
        }
        return bye("later-host", replacedHost(frame.since));
      }
      guest = options.guestOf?.(frame.token) ?? null;
      if (guest === null) {
        const machine = await take(rows, open, frame);
        if ("code" in machine) return bye(machine.code, machine.message);
        // It has gone meanwhile, and shows the same token when it dials again.
        if (socket.readyState !== socket.OPEN) return rows.lost(machine);
        guest = ofMachine(machine);
      }
      strangers.known(stream);
      clearTimeout(unwelcome.get(stream));
      line = {
        hello: frame,
        bye,
        send: served.send,
        ask: (wanted) =>
          new Promise((resolve) => {
            if (isStopping || socket.readyState !== socket.OPEN) return resolve(null);
            const id = (nextId += 1);
            const unanswered = setTimeout(() => socket.terminate(), answerMs);
            asked.set(id, (answer) => {
              clearTimeout(unanswered);
              resolve(answer);
            });
            served.send({ ...wanted, id });
          }),
      };
      served.send({ type: "welcome", group: guest.group, since });
      guest.welcomed(line);
    };
    socket.on("message", (data: Buffer) => {
      const frame = frameIn(data, machineFrame);
      if (frame === null) return bye("bad-frame", "The host does not understand this frame.");
      if (line === null && isGreeting) return;
      if (line === null)
        return void greet(frame).catch((error: unknown) => {
          // It dials again. A machine that was refused would not.
          socket.terminate();
          report(error);
        });
      if (frame.type === "exited") return guest?.exited(frame);
      if (!("id" in frame)) return;
      asked.get(frame.id)?.(frame);
      asked.delete(frame.id);
    });
    void served.ended.then(() => {
      asking.delete(endAsked);
      endAsked();
      if (line !== null) guest?.ended(line);
    });
  };
  const server = createServer((_request, response) => void response.writeHead(404).end());
  const closeLines = serveLines<HostFrame>(server, {
    path: "/",
    mostBytes: mostBytes.ofMachine,
    mostUnread: Infinity,
    pingMs,
    serve,
  });
  return {
    of: async (groupId) => {
      const known = await rows.of(groupId);
      if (known === null) return null;
      const line = lines.get(groupId);
      if (line?.machine.id === known.id) return placeOf(line);
      return {
        awayReason: awayReason(known, otherVersions.get(known.id)),
        isAtOtherHost: known.at === "other-host",
      };
    },
    accept: (socket) => {
      strangers.add(socket);
      // Whatever it sends meanwhile.
      const late = setTimeout(() => socket.destroy(), welcomeMs);
      unwelcome.set(socket, late);
      socket.once("close", () => clearTimeout(late));
      server.emit("connection", socket);
    },
    invite: open.invite,
    endRevoked: async () => {
      // A machine that is away still has agents here, which may reach the host without it.
      const owners = [...lines.values(), ...remotes.values()].map(({ machine }) => machine);
      for (const [id, groupId] of new Map(owners.map((machine) => [machine.id, machine.groupId]))) {
        if ((await rows.of(groupId))?.id === id) continue;
        const line = lines.get(groupId);
        if (line?.machine.id === id) line.bye("unknown-token", "The operator has revoked this machine.");
        for (const remote of agentsOf(id)) remote.exit.settle(unseen);
      }
    },
    // Earlier hosts may have been killed while machines were connected to them.
    start: rows.allLost,
    endAsking: () => {
      isStopping = true;
      for (const end of asking) end();
    },
    close: async () => {
      strangers.end();
      for (const remote of remotes.values()) remote.found();
      const ends = [...lines.values()].map(({ machine }) => rows.lost(machine));
      lines.clear();
      remotes.clear();
      closeLines();
      await Promise.all([...ends, ...underWay]);
    },
  };
};

/**
 * Why no agent starts on a machine that is not connected: a sentence. `version`: of the frames with which it dialled last, if
 * this host does not speak it.
 */
const awayReason = (
  { name, at = "no-host", laterHost = null }: Pick<AwayMachine, "name"> & Partial<AwayMachine>,
  version?: number,
): string => {
  if (laterHost !== null)
    return `The machine ${name}, on which this group's agents run, serves the host that took the place of this one at ${laterHost}. If that host is gone, and this one goes on: stop this one, and start it once with gatehouse up --in-place-of`;
  return version !== undefined
    ? `The machine ${name}, on which this group's agents run, dialled with version ${version}, and this host speaks version ${machineVersion} with machines. Install the gatehouse of the host there, and start it again: gatehouse machine run`
    : at === "gone-host"
      ? `The machine ${name}, on which this group's agents run, dials a host that is gone: gatehouse status names it. Start that host again, or revoke the machine and invite it to this one.`
      : `The machine ${name}, on which this group's agents run, is not connected. Start it there again: gatehouse machine run`;
};

/** What a machine says, as a quotation of one line: the host shows it in chats among its own sentences. */
const saidBy = ({ name }: Pick<AwayMachine, "name">, { message }: { readonly message: string }): string =>
  `The machine ${name} says "${oneLine(message, 300).replaceAll('"', "'")}".`;

const otherVersion = (version: number): string =>
  `The host speaks version ${machineVersion} with machines, and this machine version ${version}: install the gatehouse of the host.`;

type Refused = { readonly code: MachineBye; readonly message: string };

/** A known token comes first: a machine that was not told of its welcome shows the code again, which was used. */
const take = async (
  rows: MachineRows,
  open: Invitations,
  { code, token, name }: Extract<MachineFrame, { readonly type: "hello" }>,
): Promise<KnownMachine | Refused> => {
  const known = await rows.take(token, name);
  if (known !== null) return known;
  if (code === undefined)
    return {
      code: "unknown-token",
      message: "The host does not know this machine any more: gatehouse machines invite makes a new code.",
    };
  const groupId = open.groupOf(code);
  const added = groupId === null ? null : await rows.add(groupId, token, name);
  if (groupId !== null && added !== null) open.end(groupId);
  return (
    added ?? {
      code: "unknown-code",
      message:
        "The code is wrong, was used already, or is older than ten minutes: gatehouse machines invite makes a new one.",
    }
  );
};
