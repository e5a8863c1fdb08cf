import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { fail, ok, type Result } from "@gatehouse/std";
import type { AgentSide, RunnerSide } from "@gatehouse/session-rows/messages";
import { type FileClient, openSpool, type Spool } from "@gatehouse/wire/runner";
import { cliEnvironment } from "./cli-program.ts";
import { systemClock } from "./clock.ts";
import { readContainerJson } from "./container-json.ts";
import { startLoop, type AgentLoop } from "./loop/agent-loop.ts";
import { createCalls, type Calls } from "./loop/calls.ts";
import { createNclRelay } from "./ncl/relay.ts";
import { openSockets } from "./open-sockets.ts";
import type { HostTools } from "./host-tools/host-tools.ts";
import { inboxIn } from "./inbox.ts";
import { openGateway, type ConnectToGateway } from "./gateway-port.ts";
import { outboxIn } from "./outbox.ts";
import { toolPaths } from "./real-path.ts";
import { runCommand } from "./task-command.ts";
import { providerNames, providerOf } from "./providers/index.ts";

export type RunnerOptions = {
  /** The workload's own folder, with the host's input files. */
  readonly folder: string;
  /** The files of the session's messages. */
  readonly files: FileClient;
  /** The host's gateway to the models, and the workload's token; null if the host has none. */
  readonly gateway: { readonly connect: ConnectToGateway; readonly token: string } | null;
  /** The agent's side of the session. The runner closes it. */
  readonly side: RunnerSide;
  /**
   * Called before the first turn with the folder of the `ncl` socket, which the agent's child processes need.
   */
  readonly onSocketFolder: (path: string) => void;
  /** Called with a sentence when the runner cannot continue. */
  readonly onFatal: (message: string) => void;
  /** Called with a bug in answering a frame of `ncl`. */
  readonly report: (error: unknown) => void;
};

/** A running agent. */
export type Runner = {
  /** Claims nothing new, and leaves an unfinished turn to the next container. */
  readonly stop: () => Promise<void>;
};

/** Starts the agent of a session's folder. An error is a sentence. */
export const startRunner = async (options: RunnerOptions): Promise<Result<Runner, string>> => {
  const { folder, files, onFatal } = options;
  const json = await readContainerJson(folder);
  if (!json.ok) return json;
  // One spool for each account: the next agent may run as another account, which cannot read this one's
  // files.
  const spool = openSpool(join(folder, "out", `spool-${process.getuid?.() ?? 0}`), files);
  const side = spool.over(options.side);
  const projection = await side.projection();
  if (!projection.ok) return fail(projection.error.message);
  const { identity } = projection.value;
  const { groupId, assistantName, provider: name, maxMessagesPerPrompt: maxMessages, timezone } = json.value;
  if (groupId !== identity.groupId)
    return fail(`container.json is of group ${groupId}, and the session is of group ${identity.groupId}.`);
  const makeProvider = await providerOf(name, json.value.ownProvider);
  if (makeProvider === null)
    return fail(
      `There is no provider "${name}" in this runner. Choose one of those it has (${providerNames.join(", ")}): ncl groups config update ${groupId} --provider ${providerNames[0]}`,
    );
  const gateway = options.gateway === null ? ok(null) : await openGateway(folder, options.gateway);
  if (!gateway.ok) return gateway;
  const clock = systemClock;
  let isStopping = false;
  const calls = createCalls(clock, ({ message, code }) => {
    if (!isStopping) onFatal(`The session cannot be used: ${message} (${code})`);
  });
  const relay = createNclRelay({ side: options.side, calls, clock, newId: randomUUID });
  let loop: AgentLoop | null = null;
  const hostTools = (): HostTools | null => loop?.hostTools() ?? null;
  const sockets = await openSockets({ ...options, side, calls, relay, hostTools, ...json.value });
  if (!sockets.ok) return sockets;
  const provider = makeProvider({
    folder,
    cwd: process.cwd(),
    env: process.env,
    gateway: gateway.value,
    json: { ...json.value, mcpServers: sockets.value.servers },
    toolProgram: sockets.value.toolProgram,
  });
  await replaySpool(spool, options.side, calls);
  // An earlier container may have been killed while it used a tool; the host would keep waiting for that
  // tool.
  await calls.persist(() => side.setTool(null, calls.now()));
  const inbox = join(folder, "out", "inbox");
  const started = startLoop({
    side,
    provider,
    groupId,
    maxMessages,
    clock,
    calls,
    relay,
    notes: sockets.value.notes,
    leftOut: sockets.value.leftOut,
    promptPlace: { assistantName, timezone, inbox },
    putFiles: outboxIn(spool.filesFolder, { folder, cwd: process.cwd() }),
    fetchFiles: inboxIn(inbox, files, calls),
    runCommand: (command, signal) =>
      runCommand(command, { cwd: process.cwd(), env: cliEnvironment(process.env), signal }),
    pathsIn: (input) => toolPaths(input, { folder, cwd: process.cwd(), home: process.env["HOME"] }),
    incarnation: identity.incarnation,
    newId: randomUUID,
  });
  loop = started;
  return ok({
    stop: async () => {
      isStopping = true;
      const stopped = started.stop();
      sockets.value.close();
      await stopped;
      provider.stop();
      await gateway.value?.close();
      await side.close();
    },
  });
};

/**
 * Sends the work that an earlier container had done and its host did not get, before anything new, so that it
 * is not repeated.
 */
const replaySpool = async (spool: Spool, side: AgentSide, calls: Calls): Promise<void> => {
  for (const left of await spool.left()) {
    await calls.persist(() => left.replay(side));
    await left.remove();
  }
};
