import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { inject, onTestFinished } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { scriptedApi, type ApiObject, type ScriptedApi } from "@nc/kubernetes-runtime/testing";
import { ranCli } from "../ran-cli.fixture.ts";
import type { StartedChat } from "../chat/started-chat.fixture.ts";
import { folderWithAna, startChat } from "./echo-group.fixture.ts";
import { spawnHost, type HostProcess } from "./host.fixture.ts";

const { gatehouse, ncl } = inject("programs");

/** A cluster in memory, whose kubelet starts the program of a Pod as a process of this machine. */
export type PodBed = {
  readonly dataDir: string;
  readonly api: ScriptedApi;
  /** The programs of Pods, by the Pods' names. */
  readonly programs: ReadonlyMap<string, ChildProcess>;
  /** The environment of a host: it names the cluster. */
  readonly env: Readonly<Record<string, string>>;
  readonly up: (...args: readonly string[]) => HostProcess;
  /** Runs `gatehouse` with these words in this process, for this data folder. Resolves with all that it printed. */
  readonly run: (...words: readonly string[]) => Promise<string>;
  /** The same with `ncl`, as the operator. */
  readonly ncl: (...words: readonly string[]) => Promise<string>;
  /** Writes a line to Ana. */
  readonly chat: (line: string) => PodChat;
};

/** A chat with one line. */
export type PodChat = StartedChat & {
  /** Resolves with its stdout when it has ended. */
  readonly answer: Promise<string>;
  /** What it has written, also to stderr. */
  readonly said: () => string;
};

/**
 * `status` is what a Pod's kubelet says; if it is null, the kubelet starts the program. A kubelet that is `isCut` says nothing
 * of a program's end.
 */
export const podBed = async (status: object | null = null, isCut = false): Promise<PodBed> => {
  const dataDir = await folderWithAna();
  const programs = new Map<string, ChildProcess>();
  const start = (pod: ApiObject): void => {
    const { name } = pod.metadata;
    if (status !== null) return api.setStatus(name, status);
    const { containers } = pod["spec"] as {
      readonly containers: readonly { readonly command: readonly string[] }[];
    };
    // The trial of `gatehouse doctor`.
    if (containers[0]?.command[0] === "node")
      return api.setStatus(name, {
        containerStatuses: [{ name: "agent", state: { terminated: { exitCode: 0 } } }],
      });
    const there = join(temporaryFolder(), "agent");
    mkdirSync(there, { mode: 0o711 });
    writeFileSync(join(there, "machine.json"), api.secret(name)?.["machine.json"] ?? "", { mode: 0o600 });
    const args = [gatehouse, "machine", "run", "--runtime", "process", "--data", there];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    programs.set(name, child);
    child.on("close", (exitCode) => {
      if (isCut) return;
      api.setStatus(name, {
        phase: exitCode === 0 ? "Succeeded" : "Failed",
        containerStatuses: [{ name: "agent", state: { terminated: { exitCode: exitCode ?? 137 } } }],
      });
    });
    api.bind(name, "node1");
    api.setStatus(name, { phase: "Running", containerStatuses: [{ name: "agent", state: { running: {} } }] });
  };
  const end = ({ metadata: { name } }: ApiObject): void => {
    const child = programs.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return api.remove(name);
    child.once("close", () => api.remove(name));
    child.kill("SIGTERM");
  };
  const api = await scriptedApi({ started: start, ending: end });
  onTestFinished(api.close);
  const kubeconfig = join(temporaryFolder(), "config");
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: api.url } }],
      users: [{ name: "u", user: { token: "secret-of-the-operator" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "agents" } }],
    }),
  );
  const env = { KUBECONFIG: kubeconfig };
  return {
    dataDir,
    api,
    programs,
    env,
    run: async (...words) => {
      const { stdout, stderr } = await ranCli({ dataDir, env }, ...words);
      return stdout + stderr;
    },
    ncl: (...words) => outputOf([ncl, ...words, "--socket", join(dataDir, "ncl.sock")], env),
    chat: (line) => {
      const chat = startChat(dataDir, `${line}\n`);
      return {
        ...chat,
        answer: chat.exitCode.then(chat.out),
        said: () => chat.out() + chat.err(),
      };
    },
    up: (...args) =>
      spawnHost(
        dataDir,
        ["--runtime", "kubernetes", "--kubernetes-image", "agents:1", "--listen", "127.0.0.1:0", ...args],
        env,
      ),
  };
};

const outputOf = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> => {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  return said;
};
