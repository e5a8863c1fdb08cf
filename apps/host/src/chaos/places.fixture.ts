import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { readCentral } from "@gatehouse/central-database";
import { folderInMemory, temporaryFolder } from "@gatehouse/central-database/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import { stateOf } from "@gatehouse/processes/records";
import { installationNameIn } from "@gatehouse/session-rows";
import { isOver, type PodSeen } from "@nc/kubernetes-runtime";
import { kubeAccess, openCluster, type Cluster } from "@nc/kubernetes-runtime/node";
import { expect, onTestFinished, vi } from "vitest";
import { makeDisk, noDisk } from "./disk.fixture.ts";
import { openLab, type Lab } from "./lab.fixture.ts";
import { kill, pidsHere, runnersIn, textOf, type Records, type Worker } from "./processes.fixture.ts";

/** Where the hosts of a world run, and what runs their agents. */
export type ChaosPlace = {
  /** The data folder of each host. */
  readonly folders: readonly string[];
  /** The flags of a host's `gatehouse up`, its environment, and the words before the program. */
  readonly up?: (at: number) => {
    readonly flags?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly within?: readonly string[];
  };
  /** All that such a host prints on stderr. */
  readonly notes: RegExp;
  /** The living agents of a data folder. */
  readonly list: (dataDir: string) => Promise<readonly Worker[]>;
  readonly kill: (worker: Worker) => void;
  /** Kills what an engine watches a container with. */
  readonly killMonitor?: (worker: Worker) => void;
  /** Kills the engine's service, and starts it again. */
  readonly killEngine?: () => Promise<void>;
  /** Loses what was not synced. `kill` has to end all of `pids`, and all that they have started. */
  readonly cutPower?: (pids: readonly number[], kill: () => Promise<void>) => Promise<void>;
  readonly pods?: Pods;
  /** Waits until a running host has removed what kills have left: a sweep, at most. */
  readonly isSettled?: (dataDir: string) => Promise<void>;
  /** Checks that hosts which were stopped left nothing. */
  readonly isOver: (dataDir: string) => Promise<void>;
  /** Ends what is left, after a failure. */
  readonly end: (dataDir: string) => Promise<void>;
};

type Asked = { readonly hosts: number; readonly database: PostgresAddress | null };

/** A row of the table of places. `why`: the reason why this machine has no such place; null if it has. */
export type PlaceRow = { readonly why: string | null; readonly make: (asked: Asked) => Promise<ChaosPlace> };

const foldersFor = (hosts: number): readonly string[] =>
  Array.from({ length: hosts }, () => folderInMemory());

/** Agents with a record in the data folder, each the leader of its own process group. */
const recorded = (records: Records): Pick<ChaosPlace, "list" | "kill" | "end"> => ({
  list: async (dataDir) => runnersIn(dataDir, records).filter(({ record }) => stateOf(record) === "running"),
  kill: ({ pid }) => kill(-pid),
  end: async (dataDir) => {
    for (const { pid } of runnersIn(dataDir, records)) kill(-pid);
  },
});

const inProcesses: Omit<ChaosPlace, "folders"> = {
  ...recorded("processes"),
  notes: /^$/,
  isOver: async (dataDir) => expect(runnersIn(dataDir)).toEqual([]),
};

/** Agents as processes. */
export const processes: PlaceRow = {
  why: null,
  make: async ({ hosts }) => ({ ...inProcesses, folders: foldersFor(hosts) }),
};

/** Processes whose data folder is on a disk that can lose its power. */
export const disk: PlaceRow = {
  why: noDisk,
  make: async () => {
    const { path, cutPower } = makeDisk();
    return { ...inProcesses, folders: [join(path, "data")], cutPower };
  },
};

/** Agents in sandboxes. The end of a sandbox's namespace ends every program in it. */
export const sandboxes: PlaceRow["make"] = async ({ hosts }) => ({
  ...recorded("sandboxes"),
  folders: foldersFor(hosts),
  up: () => ({ flags: ["--runtime", "sandbox"] }),
  notes: /Agents run in sandboxes of bubblewrap /,
  isOver: async (dataDir) => {
    expect(runnersIn(dataDir, "sandboxes")).toEqual([]);
    const lines = pidsHere().map((pid) => textOf(`/proc/${pid}/cmdline`));
    expect(lines.filter((line) => line.includes("bwrap") && line.includes(dataDir))).toEqual([]);
  },
});

/** Writes one key of shared secrets for each of two hosts, as on two machines. */
const copiesOfKey = (): readonly string[] => {
  const key = randomBytes(32).toString("base64url");
  return [0, 1].map(() => {
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, key, { mode: 0o600 });
    return file;
  });
};

/**
 * Two hosts as on two machines: each has a network of its own, and no folder of the other. They reach PostgreSQL at its Unix
 * socket.
 */
export const networks: PlaceRow = {
  why:
    spawnSync("ip", ["netns", "list"]).status !== 0 || process.geteuid?.() !== 0
      ? "without the right to make network namespaces"
      : null,
  make: async () => {
    const [folders, keys] = [foldersFor(2), copiesOfKey()];
    const spaces = folders.map((_, at) => {
      const space = `gh-${process.pid}-${at}`;
      execFileSync("ip", ["netns", "add", space]);
      onTestFinished(() => void spawnSync("ip", ["netns", "delete", space]));
      return space;
    });
    const hide = 'mount -t tmpfs none "$1" && shift && exec "$@"';
    return {
      ...inProcesses,
      folders,
      // A host that waits too long for a busy server says so.
      notes: /(?:)/,
      up: (at) => ({
        env: { GATEHOUSE_KEY_FILE: keys[at] },
        within: ["ip", "netns", "exec", spaces[at] ?? "", "sh", "-c", hide, "sh", folders[1 - at] ?? ""],
      }),
    };
  },
};

/** The Pods of a world's agents. */
type Pods = {
  readonly list: () => Promise<readonly PodSeen[]>;
  readonly remove: Cluster["remove"];
  /** The parts of a cluster on this machine; null for another cluster. */
  readonly lab: Lab | null;
};

/**
 * A cluster to which these tests may do what they like, the image of Pods in it, the address of this machine as Pods find it, a
 * file for `--pod-template`, and the folder of a cluster whose parts are processes of this machine (lab.fixture.ts), if it is
 * one: then they are killed and cut off too.
 */
const {
  GATEHOUSE_TEST_KUBECONFIG: config,
  GATEHOUSE_TEST_POD_IMAGE: image = "docker.io/local/gatehouse:1",
  GATEHOUSE_TEST_POD_HOST: address = "10.210.0.1",
  GATEHOUSE_TEST_POD_TEMPLATE: template,
  GATEHOUSE_TEST_K8S_LAB: labFolder,
} = process.env;

export const hasLab: boolean = labFolder !== undefined;

/** Agents in Pods of Kubernetes. */
export const kubernetes: PlaceRow = {
  why: config === undefined ? "without GATEHOUSE_TEST_KUBECONFIG" : null,
  make: async ({ hosts, database }) => {
    const access = await kubeAccess({ KUBECONFIG: config });
    if (!access.ok) throw new Error(access.error.message);
    const cluster = openCluster(access.value, "default");
    onTestFinished(() => cluster.close());
    const [folders, keys] = [foldersFor(hosts), copiesOfKey()];
    const ports = await Promise.all(folders.map(freePort));
    const all = async (): Promise<readonly PodSeen[]> => {
      const install = await readCentral({ dataDir: folders[0] ?? "", database }, installationNameIn);
      const listed = await cluster.list({ install: (install.ok ? install.value : null) ?? "nameless" });
      return listed.ok ? listed.value : expect.fail(listed.error.message);
    };
    return {
      folders,
      up: (at) => ({
        flags: [
          ...["--runtime", "kubernetes", "--kubernetes-image", image, "--listen", `0.0.0.0:${ports[at]}`],
          ...["--agents-dial", `tls://${address}:${ports[at]}`],
          ...(template === undefined ? [] : ["--pod-template", template]),
        ],
        env: { GATEHOUSE_KEY_FILE: keys[at], KUBECONFIG: config ?? "" },
      }),
      notes: /(?:)/,
      pods: {
        list: async () =>
          (await all()).filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined),
        remove: cluster.remove,
        lab: labFolder === undefined ? null : openLab(labFolder),
      },
      list: async () => [],
      kill: () => undefined,
      isOver: () =>
        vi.waitFor(async () => expect((await all()).map(({ metadata }) => metadata.name)).toEqual([]), {
          timeout: 180_000,
          interval: 100,
        }),
      end: async () => {
        for (const { metadata } of await all()) {
          await cluster.remove(metadata.name, 0);
          await cluster.release(metadata.name);
        }
      },
    };
  },
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
