import { ok } from "@gatehouse/std";
import { expect, onTestFinished, vi } from "vitest";
import type { WelcomedLine } from "../machine/frames.ts";
import type { Guest } from "../machine/machines.ts";
import { nothingHere, type Workload } from "@gatehouse/workloads";
import type { Container, Exit } from "@nc/container-runtime";
import { openCluster } from "@nc/kubernetes-runtime/node";
import { scriptedApi, type ScriptedApi, type ScriptedApiOptions } from "@nc/kubernetes-runtime/testing";
import { placeFacts } from "../facts.ts";
import { openPods } from "./pods.ts";
import type { PodsOptions } from "./pods-options.ts";

/** Waits for a state. */
export const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 10 });

export const workload: Workload = {
  label: { install: "ours", sessionId: "se-1", groupId: "ag-1", incarnation: 3, token: 7 },
  folder: "ana",
  provider: "echo",
  image: null,
  containerJson: {},
  graceMs: 1_000,
  limits: { cpus: 0.5, memory_mb: 256, network: null, pids: null },
  instructed: {} as Workload["instructed"],
  files: { whole: [], entries: [] },
  here: nothingHere("echo"),
};

/** The Pods of a host, and the cluster in which they are. */
export type Bed = {
  readonly api: ScriptedApi;
  readonly pods: ReturnType<typeof openPods>;
  readonly guest: () => Promise<Guest>;
};

/** Opens the Pods of the host `one` in a scripted cluster, and closes them after the test. */
export const opened = async (
  options: ScriptedApiOptions = {},
  given: Partial<PodsOptions> = {},
): Promise<Bed> => {
  const api = await scriptedApi({ ending: () => {}, ...options });
  const access = {
    server: new URL(api.url),
    isUnverified: false,
    namespace: null,
    signIn: async () => ok({ token: null }),
  };
  const pods = openPods({
    seen: {
      name: "kubernetes",
      isolation: placeFacts.kubernetes.isolation,
      cannot: placeFacts.kubernetes.cannot,
      problem: () => Promise.resolve(null),
    },
    cluster: openCluster(access, "agents"),
    image: "agents:1",
    install: "ours",
    owner: "one",
    heardHosts: async () => new Set(["one", "two"]),
    host: { address: "tls://host:7443", pin: null },
    log: () => {},
    report: (error) => void expect.unreachable(String(error)),
    ...given,
  });
  onTestFinished(async () => {
    await pods.close();
    await api.close();
  });
  /** What the host gave the Pod's token to. */
  const guest = async (): Promise<Guest> => {
    let found: Guest | null = null;
    await until(() => {
      const name = api.pods()[0]?.metadata.name ?? "";
      const { token = "" } = JSON.parse(api.secret(name)?.["machine.json"] ?? "{}") as { token?: string };
      found = pods.guestOf(token);
      expect(found).not.toBeNull();
    });
    return found as unknown as Guest;
  };
  return { api, pods, guest };
};

/** A connection of a program that does what it is told. */
export const obedient = (sent: object[] = []): WelcomedLine => ({
  hello: {} as WelcomedLine["hello"],
  send: (frame) => void sent.push(frame),
  ask: (frame) => {
    sent.push(frame);
    return Promise.resolve(frame.type === "start" ? { type: "started", id: 1 } : { type: "done", id: 1 });
  },
  bye: () => {},
});

/** A Pod whose program has connected, and has its workload. */
export const started = async (
  bed: Bed,
  line: WelcomedLine = obedient(),
): Promise<{
  readonly guest: Guest;
  readonly line: WelcomedLine;
  readonly exits: readonly Exit[];
  readonly container: Container;
  /** The name of the Pod. */
  readonly name: string;
}> => {
  const starting = bed.pods.start(workload, "session-token");
  const guest = await bed.guest();
  guest.welcomed(line);
  const result = await starting;
  if (!result.ok) throw new Error(result.error.message);
  const exits: Exit[] = [];
  result.value.onExit((exit) => void exits.push(exit));
  return { guest, line, exits, container: result.value, name: result.value.reference };
};
