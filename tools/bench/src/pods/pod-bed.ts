import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { command } from "../host/ask.ts";
import { openChat, type Chat } from "../host/chat.ts";
import type { OnEnd } from "../measurement.ts";
import { startProgram } from "../programs.ts";

/** Two hosts on one PostgreSQL, whose agents are Pods of a cluster in memory. */
export type PodBed = {
  readonly hosts: readonly PodHost[];
  /** Makes sessions until there are this many, in turn at each host. Each has answered a message. */
  readonly grow: (count: number) => Promise<void>;
  /** The requests that the API server has got so far, by their kind. */
  readonly requests: () => Promise<Readonly<Record<string, number>>>;
  /** Rows of a query, each a list of texts. */
  readonly rows: (query: string) => readonly (readonly string[])[];
};

export type PodHost = {
  readonly pid: number;
  /** The sessions' groups, which were made at this host. */
  readonly groups: readonly string[];
  readonly chat: (group: string) => Promise<Chat>;
};

/** Sessions that start at once. A host takes 16 unfinished dials of one address. */
const atOnce = 4;

const runSource = fileURLToPath(new URL("../../../scripts/run-source.mjs", import.meta.url));

/** Starts them in a schema of their own of the server at this URL, which is dropped at the end. */
export const startPodBed = async (
  gatehouse: string,
  { server, signal }: { readonly server: string; readonly signal: AbortSignal },
  onEnd: OnEnd,
): Promise<PodBed> => {
  const schema = `bench_${randomUUID().replaceAll("-", "")}`;
  const query = (url: string, text: string): string =>
    execFileSync("psql", ["-qAt", "-v", "ON_ERROR_STOP=1", "-c", text, url], { encoding: "utf8" });
  query(server, `create schema ${schema}`);
  onEnd(async () => void query(server, `set client_min_messages = warning; drop schema ${schema} cascade`));
  const url = `${server}&options=-c%20search_path%3D${schema}`;
  const root = await mkdtemp(join(tmpdir(), "bench-pods-"));
  onEnd(() => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  const cluster = await startProgram([runSource, "tools/bench/src/pods/fake-cluster.ts"]);
  onEnd(cluster.stop);
  const [api = "", counts = ""] = cluster.printed.trim().split(" ");
  const kubeconfig = join(root, "kubeconfig");
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: api } }],
      users: [{ name: "u", user: { token: "bench" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "agents" } }],
    }),
  );
  const env = { ...process.env, KUBECONFIG: kubeconfig, GATEHOUSE_DATABASE: url };
  const owner = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
  execFileSync(process.execPath, [gatehouse, "init", ...owner, "--data", join(root, "0")], { env });
  const startHost = async (at: number) => {
    const data = join(root, String(at));
    const words = ["--runtime", "kubernetes", "--kubernetes-image", "agents:1", "--listen", "127.0.0.1:0"];
    const { pid, stop } = await startProgram([gatehouse, "up", "--yes", ...words, "--data", data], env);
    onEnd(stop);
    const groups: string[] = [];
    const chat = (group: string): Promise<Chat> => openChat(join(data, "chat.sock"), group);
    const open = async (): Promise<void> => {
      const name = `g-${randomUUID()}`;
      const socket = join(data, "ncl.sock");
      const { id } = await command(socket, "groups-create", { name, folder: name });
      await command(socket, "groups-config-update", { id, provider: "echo" });
      const opened = await chat(id);
      await opened.roundTrip("hello");
      opened.close();
      groups.push(id);
    };
    return { pid, groups, chat, open };
  };
  const hosts = [await startHost(0), await startHost(1)];
  let made = 0;
  const growing = async (count: number): Promise<void> => {
    while (made < count) {
      signal.throwIfAborted();
      made += 1;
      await hosts[made % hosts.length]?.open();
    }
  };
  return {
    hosts,
    grow: async (count) => void (await Promise.all(Array.from({ length: atOnce }, () => growing(count)))),
    requests: async () => (await (await fetch(counts)).json()) as Readonly<Record<string, number>>,
    rows: (text) =>
      query(url, text)
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split("|")),
  };
};
