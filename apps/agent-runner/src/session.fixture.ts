import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openSqlite } from "@gatehouse/sqlite";
import type {
  InboundMessage,
  Json,
  Projection,
  Secrets,
  TransportResult,
  Undelivered,
} from "@gatehouse/session-rows/messages";
import {
  agentFiles,
  dueMessages,
  type HostSide,
  issueToken,
  openAgentSide,
  openHostSide,
  project,
  releaseMessages,
  sendToAgent,
  sessionSignals,
  sessionState,
  workloadOf,
} from "@gatehouse/session-rows";
import { createMessageTables } from "@gatehouse/central-database/testing";
import type { CentralTables } from "@gatehouse/central-database";
import { serveFiles, openRunnerServer } from "@gatehouse/wire";
import { expect, inject, onTestFinished, vi } from "vitest";

const programs = inject("programs");

/** A runner in a process of its own. */
export type RunningRunner = {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
};

/** A session's folder, the host's side of it, and the runners that were started in it. */
export type TestSession = {
  readonly folder: string;
  readonly host: HostSide;
  /** The runner's folder for temporary files. */
  readonly temporary: string;
  readonly writeContainerJson: (text: string) => void;
  /** The environment of this session's runners, and the token of one. */
  readonly env: Readonly<Record<string, string>>;
  readonly tokenOf: (incarnation: number) => Promise<string>;
  /** Removes the host from its socket, or brings it back. */
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  /** Projects the next container, and starts it. */
  readonly run: () => Promise<RunningRunner>;
  readonly send: (...messages: readonly InboundMessage[]) => Promise<void>;
  /** Resolves with all messages of the agent, once there are this many. */
  readonly sent: (count: number) => Promise<readonly Undelivered[]>;
  /** Resolves after this many further commits of the agent. */
  readonly changes: (count: number) => Promise<void>;
  /** Resolves when a container of this incarnation has claimed the message. */
  readonly claimed: (id: string, incarnation: number) => Promise<void>;
  /** Releases the claims of an exited container; its messages in work are due at once. */
  readonly release: () => Promise<void>;
};

export const must = <T>(result: TransportResult<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

const now = (): string => new Date().toISOString();

export const toAgent = (id: string, text: string, over: Partial<InboundMessage> = {}): InboundMessage => ({
  id,
  kind: "chat",
  timestamp: now(),
  content: { text },
  trigger: true,
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: "local",
  platformId: "ana",
  threadId: null,
  ...over,
});

/** The host's answer to a command of `ncl`. */
export const nclResponse = (requestId: string, frame: Json): InboundMessage =>
  toAgent(`cli-${requestId}`, "", {
    kind: "system",
    trigger: false,
    channelType: null,
    platformId: null,
    content: { type: "cli_response", requestId, frame },
  });

export const textOf = ({ content }: Undelivered): string => (content as { text: string }).text;

export const projection = (incarnation: number): Projection => ({
  identity: { sessionId: "s-1", groupId: "ag-1", groupName: "Ana", incarnation, token: 1 },
  routing: { channelType: "local", platformId: "ana", threadId: null },
  destinations: [],
  toolRules: [],
});

/** Waits until the check passes. */
const until = <T>(check: () => Promise<T> | T): Promise<T> => vi.waitFor(check, { interval: 5 });

/** The rows of one session, and the socket that its runners dial. */
const startHost = async (base: string, secrets: Secrets) => {
  const opened = await openSqlite<CentralTables>(join(base, "host.db"));
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  await createMessageTables(db);
  const signals = sessionSignals();
  const socket = join(base, "runners.sock");
  let leave = async (): Promise<void> => {};
  const comeBack = async (): Promise<void> => {
    const server = createServer(
      serveFiles({
        open: async (token) => {
          const workload = await workloadOf(db, token);
          return workload === null ? null : agentFiles(db, { ...workload, groupId: "ag-1" }, now);
        },
        report: (error) => expect.fail(String(error)),
      }),
    );
    const runners = openRunnerServer(server, {
      open: async (token) => {
        const workload = await workloadOf(db, token);
        return workload === null
          ? null
          : openAgentSide({ db, signals, ...workload, secrets: async () => secrets });
      },
      report: (error) => expect.fail(String(error)),
    });
    server.listen(socket);
    await once(server, "listening");
    leave = async () => {
      runners.close();
      server.close();
      await once(server, "close");
    };
  };
  await comeBack();
  onTestFinished(async () => {
    await leave();
    await close();
  });
  const host = openHostSide({ db, signals, sessionId: "s-1", token: 1 });
  const tokenOf = async (incarnation: number): Promise<string> =>
    must(await host.transact(issueToken(incarnation)));
  return { host, socket, tokenOf, leave: () => leave(), comeBack };
};

/** A session whose host has these secrets for its MCP servers. */
export const testSession = async (secrets: Secrets = {}): Promise<TestSession> => {
  const base = mkdtempSync(join(tmpdir(), "runner-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [folder, temporary] = [join(base, "session"), join(base, "tmp")];
  for (const path of [temporary, join(folder, "in"), join(folder, "out")])
    mkdirSync(path, { recursive: true });
  const { host, socket, tokenOf, leave, comeBack } = await startHost(base, secrets);
  const writeContainerJson = (text: string): void => writeFileSync(join(folder, "in/container.json"), text);
  writeContainerJson(JSON.stringify({ agentGroupId: "ag-1", assistantName: "Ana", provider: "echo" }));
  const env = { GATEHOUSE_SESSION: folder, GATEHOUSE_WIRE: `unix:${socket}`, HOME: base, TMPDIR: temporary };
  let incarnation = 0;
  return {
    folder,
    host,
    temporary,
    writeContainerJson,
    env,
    tokenOf,
    leave,
    comeBack,
    run: async () => {
      must(await host.transact(project(projection((incarnation += 1)))));
      return startRunner(env, await tokenOf(incarnation));
    },
    send: async (...messages) => void must(await host.transact(sendToAgent(messages))),
    sent: (count) =>
      until(async () => {
        const all = must(await host.read(dueMessages({ limit: 100, now: now() })));
        expect(all.length).toBeGreaterThanOrEqual(count);
        return all;
      }),
    changes: (count) =>
      new Promise((resolve) => {
        let left = count;
        const unsubscribe = host.onChange(() => {
          left -= 1;
          if (left > 0) return;
          unsubscribe();
          resolve();
        });
      }),
    claimed: (id, by) =>
      until(async () => {
        const { claims } = must(await host.read(sessionState(now())));
        expect(claims.map((claim) => `${claim.id} ${claim.incarnation}`)).toContain(`${id} ${by}`);
      }),
    release: async () =>
      void must(await host.transact(releaseMessages({ now: now(), maxTries: 5, backoffMs: () => 0 }))),
  };
};

export const startRunner = (env: Readonly<Record<string, string>>, token: string): RunningRunner => {
  const child = spawn(process.execPath, [programs["agent-runner"]], {
    env,
    stdio: ["pipe", "ignore", "pipe"],
  });
  child.stdin.end(token);
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  return { child, stderr: () => stderr, ended };
};

/** The data folder of a runner's child processes, with the sockets of `ncl` and of the host tools. */
export const socketFolder = (temporary: string): Promise<string> =>
  until(() => {
    const [name = "", ...more] = readdirSync(temporary);
    expect(more).toEqual([]);
    expect(readdirSync(join(temporary, name))).toEqual(["ncl.sock", "tools.sock"]);
    return join(temporary, name);
  });
