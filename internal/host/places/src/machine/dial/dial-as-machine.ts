import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { fail, turns } from "@gatehouse/std";
import { redial, sendFrame } from "@gatehouse/wire/runner";
import type { Container, Exit, RuntimeResult } from "@nc/container-runtime";
import {
  frameIn,
  hostFrame,
  keyOf,
  machineVersion,
  mostBytes,
  replacedHost,
  type HostFrame,
  type MachineBye,
  type MachineFrame,
  type MachineRuntime,
} from "../frames.ts";
import { filesIn, workloadIn } from "../sent-files.ts";
import type { Workload } from "@gatehouse/workloads";

export type MachineOptions = {
  /** Opens a stream to the host's port for machines. */
  readonly connect: () => Duplex;
  /** The token of this machine, and the code of an invitation until it was used. */
  readonly credential: { readonly token: string; readonly code?: string };
  /** The largest `since` of the hosts that have welcomed this machine; empty if there was none. */
  readonly since: string;
  readonly name: string;
  readonly runtime: MachineRuntime;
  /** The agents that an earlier program of this machine started and that still run. */
  readonly running: readonly Container[];
  readonly start: (workload: Workload, token: string) => Promise<RuntimeResult<Container>>;
  /** Called with the name of the group when the host has welcomed this machine. */
  readonly welcomed: (group: string) => void;
  /** Called with a larger `since` of the host: from then on, this machine serves no host of an earlier one. */
  readonly served: (since: string) => void;
  /** Called with why the host cannot be reached, a sentence; once a reason, until it has been reached. */
  readonly trouble: (message: string) => void;
  /** Called with a line about each agent that starts or ends. */
  readonly say: (line: string) => void;
  readonly report: (error: unknown) => void;
};

type Ending = { readonly code: MachineBye; readonly message: string } | null;

/** A machine that serves its host. */
export type DialledMachine = {
  /** Resolves when the host has ended the connection for good, with its reason; null after `close`. */
  readonly ended: Promise<Ending>;
  /** Ends all agents, then the connection. */
  readonly close: () => Promise<void>;
};

/** First and longest wait before the host is dialled again, ms. */
const waitsMs = [100, 5_000] as const;

/** Time between asking an agent to stop and ending it by force, ms. */
const graceMs = 2_000;

const pingMs = 10_000;

/**
 * Dials the host as a machine, and runs what it says, until the host ends that or `close` is called. Agents run on while the
 * host is away.
 */
export const dialAsMachine = (options: MachineOptions): DialledMachine => {
  const { connect, credential, say, report } = options;
  let isClosed = false;
  const agents = new Map<string, Container>();
  /** Ends that no connection has carried yet. */
  const unsaid: Extract<MachineFrame, { readonly type: "exited" }>[] = [];
  let finish: (why: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => (finish = resolve));

  let { since } = options;
  /** The connection to a host that was replaced. What else comes over it counts for nothing. */
  let refused: WebSocket | null = null;
  const refuse = (message: string, line: WebSocket): void => {
    refused = line;
    dialled.trouble(message);
    line.close();
  };
  const watch = (container: Container): void => {
    const { sessionId, incarnation } = container.label;
    const key = keyOf(container.label);
    agents.set(key, container);
    container.onExit((exit: Exit) => {
      agents.delete(key);
      say(`The agent of ${sessionId} has ended (${exit.signal ?? exit.code ?? "?"}).`);
      const frame = { type: "exited", sessionId, incarnation, exit } as const;
      if (!dialled.send(frame)) unsaid.push(frame);
    });
  };
  /** A kill never overtakes a start of its session, and a start waits until the agent before it has ended. */
  const ofSession = turns();
  const killAll = (): Promise<unknown> => Promise.all([...agents.values()].map((one) => one.kill(graceMs)));
  const obey = async (frame: HostFrame, line: WebSocket): Promise<void> => {
    const reply = (answer: MachineFrame): boolean => sendFrame(line, answer);
    if (line === refused) return;
    switch (frame.type) {
      case "welcome":
        if (frame.since < since) return refuse(replacedHost(since), line);
        if (frame.since > since) options.served((since = frame.since));
        dialled.welcomed();
        options.welcomed(frame.group);
        for (const one of unsaid.splice(0)) reply(one);
        return;
      case "bye":
        if (frame.code === "restarting") return;
        if (frame.code === "later-host") return refuse(frame.message, line);
        isClosed = true;
        await killAll();
        return finish({ code: frame.code, message: frame.message });
      case "start": {
        const { id } = frame;
        const cannot = (message: string): void => void reply({ type: "refused", id, message });
        if (isClosed) return cannot("The machine stops.");
        const started = await options
          .start(workloadIn(frame.workload), frame.token)
          .catch((error: unknown) => {
            report(error);
            return fail({ code: "spawn-failed", message: String(error) } as const);
          });
        if (!started.ok) return cannot(started.error.message);
        say(`An agent of ${frame.workload.label.sessionId} has started.`);
        watch(started.value);
        // Its host knows nothing of it, and has begun another.
        if (!reply({ type: "started", id })) await started.value.kill(0);
        return;
      }
      case "files": {
        const { id, files } = frame;
        const replaced = await agents.get(keyOf(frame))?.replaceFiles(filesIn(files));
        const message = replaced?.ok === false ? replaced.error.message : "The agent has ended.";
        reply(replaced?.ok === true ? { type: "done", id } : { type: "refused", id, message });
        return;
      }
      case "kill":
        await agents.get(keyOf(frame))?.kill(frame.graceMs);
        return;
    }
  };
  options.running.forEach(watch);
  const dialled = redial<MachineFrame>({
    connect,
    path: "/",
    mostBytes: mostBytes.ofHost,
    pingMs,
    waitsMs,
    quietMs: 0,
    hello: () => {
      const running = [...agents.values()].map(({ label: { sessionId, incarnation } }) => ({
        sessionId,
        incarnation,
      }));
      const { name, runtime } = options;
      return { type: "hello", version: machineVersion, ...credential, name, runtime, running, since };
    },
    heard: (data, line) => {
      const frame = frameIn(data, hostFrame);
      if (frame === null) return report(new Error("The host sent a frame that is not known."));
      // A kill with a shorter grace must not wait for the one before it.
      const isKill = frame.type === "kill" && agents.has(keyOf(frame));
      const killing = isKill ? obey(frame, line).catch(report) : null;
      void ofSession.inTurn(sessionOf(frame), () => killing ?? obey(frame, line)).catch(report);
    },
    trouble: (message) => {
      if (!isClosed) options.trouble(message);
    },
    lost: (wasWelcome) => {
      if (wasWelcome && !isClosed)
        options.trouble("The connection to the host is broken; it is dialled again.");
      return !isClosed;
    },
  });
  return {
    ended,
    close: async () => {
      isClosed = true;
      await ofSession.idle();
      await killAll();
      dialled.close();
      finish(null);
    },
  };
};

const sessionOf = (frame: HostFrame): string => {
  if (frame.type === "start") return frame.workload.label.sessionId;
  return "sessionId" in frame ? frame.sessionId : "";
};
