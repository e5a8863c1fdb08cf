import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { fail, ok, type Result } from "@gatehouse/std";
import { serveSocket } from "@gatehouse/socket-server";
import type { AgentEnd } from "@nc/session-db";
import { type FileClient, openSpool, type Spool } from "@nc/session-db/node";
import { systemClock } from "./clock.ts";
import { readContainerJson } from "./container-json.ts";
import { startLoop } from "./loop/agent-loop.ts";
import { createCalls, type Calls } from "./loop/calls.ts";
import { createCarrier, type Carrier } from "./ncl/carrier.ts";
import { makeSocketFolder, removeSocketFolder } from "./ncl/socket-folder.ts";
import { inboxIn } from "./inbox.ts";
import { outboxIn } from "./outbox.ts";
import { providerNamed, providerNames } from "./providers/index.ts";

export type RunnerOptions = {
  /** The workload's own folder, with what the host handed in. */
  readonly folder: string;
  /** The files of the session's messages. */
  readonly files: FileClient;
  /** The agent's side of the session. It is closed with the runner. */
  readonly end: AgentEnd;
  /** Called with the folder of the socket of `ncl`, before the first turn: the agent's children need it. */
  readonly onSocketFolder: (path: string) => void;
  /** The runner cannot go on: a sentence. */
  readonly onFatal: (message: string) => void;
  /** A bug in answering a frame of `ncl`. */
  readonly report: (error: unknown) => void;
};

/** An agent that runs. */
export type Runner = {
  /** Claims nothing new, and leaves an unfinished turn to the next container. */
  readonly stop: () => Promise<void>;
};

/** Starts the agent of a session's folder. An error is a sentence. */
export const startRunner = async (options: RunnerOptions): Promise<Result<Runner, string>> => {
  const { folder, files, onFatal } = options;
  const json = await readContainerJson(folder);
  if (!json.ok) return json;
  // The next agent may run as another account, which cannot read what this one leaves.
  const spool = openSpool(join(folder, "out", `spool-${process.getuid?.() ?? 0}`), files);
  const end = spool.over(options.end);
  const projection = await end.projection();
  if (!projection.ok) return fail(projection.error.message);
  const { identity } = projection.value;
  const { groupId, assistantName, provider: name, maxMessagesPerPrompt: maxMessages, timezone } = json.value;
  if (groupId !== identity.groupId)
    return fail(`container.json is of group ${groupId}, and the session is of group ${identity.groupId}.`);
  const provider = providerNamed(name);
  if (provider === null)
    return fail(
      `There is no provider "${name}" in this runner. Choose one of those it has (${providerNames.join(", ")}): ncl groups config update ${groupId} --provider ${providerNames[0]}`,
    );
  const clock = systemClock;
  let isStopping = false;
  const calls = createCalls(clock, ({ message, code }) => {
    if (!isStopping) onFatal(`The session cannot be used: ${message} (${code})`);
  });
  const carrier = createCarrier({ end: options.end, calls, clock, newId: randomUUID });
  const socket = await serveNcl(end, calls, carrier, options);
  if (!socket.ok) return socket;
  await handOver(spool, options.end, calls);
  // An earlier container may have been killed in its tool: the host would wait for that one.
  await calls.persist(() => end.setTool(null, calls.now()));
  const inbox = join(folder, "out", "inbox");
  const loop = startLoop({
    ...{ end, provider, maxMessages, clock, calls, carrier },
    promptPlace: { assistantName, timezone, inbox },
    putFiles: outboxIn(spool.filesFolder),
    fetchFiles: inboxIn(inbox, files, calls),
    ...{ incarnation: identity.incarnation, newId: randomUUID },
  });
  return ok({
    stop: async () => {
      isStopping = true;
      const stopped = loop.stop();
      socket.value();
      await stopped;
      await end.close();
    },
  });
};

/** What an earlier container had done, and its host did not get, comes before anything new: it is not done again. */
const handOver = async (spool: Spool, end: AgentEnd, calls: Calls): Promise<void> => {
  for (const left of await spool.left()) {
    await calls.persist(() => left.handOver(end));
    await left.remove();
  }
};

/** The key of the last container's socket folder, which a kill -9 leaves behind. */
const folderKey = "ncl_folder";

/** Listens for `ncl`. Returns a function that ends it. */
const serveNcl = async (
  end: AgentEnd,
  calls: Calls,
  carrier: Carrier,
  { onSocketFolder, report }: RunnerOptions,
): Promise<Result<() => void, string>> => {
  const left = await calls.persist(() => end.get(folderKey));
  if (typeof left === "string") removeSocketFolder(left);
  const made = makeSocketFolder();
  if (!made.ok) return made;
  const { path, socket } = made.value;
  await calls.persist(() => end.set(folderKey, path, calls.now()));
  const server = await serveSocket({ path: socket, answer: carrier.answer, report });
  if (!server.ok) return fail(`ncl cannot be served at ${socket} (${server.error.code}).`);
  onSocketFolder(path);
  return ok(() => {
    carrier.close();
    void server.value.close();
    removeSocketFolder(path);
  });
};
