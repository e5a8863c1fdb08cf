import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { systemCode } from "@gatehouse/std";
import type { Mount, WorkloadSpec } from "../../workload-spec.ts";
import type { Cannot } from "../../check-spec.ts";
import type { AccountIds } from "../process/account.ts";
import { beginCommand, type MountIdentity } from "../../begin-command.ts";

export type CreateFacts = {
  readonly spec: WorkloadSpec;
  /** The account of its processes, by number: an image may have no name for it. */
  readonly user: AccountIds;
  readonly labels: Readonly<Record<string, string>>;
  /** The mounts of the spec's own files, before those that the spec names. */
  readonly mounts: readonly Mount[];
  /** The file with the program's standard input, as the container sees it; null for none. */
  readonly inputFile: string | null;
  /** The files that must be at the targets of the spec's mounts. */
  readonly identities: readonly MountIdentity[];
  /** The abilities that the engine lacks. */
  readonly cannot: Cannot;
  /** Podman runs without root: the host's account then has its own number in the container. */
  readonly isRootlessPodman: boolean;
  /** Maximum processes of the account, from `processLimits`. */
  readonly processes: number;
  /** The engine's name of the OCI runtime, for example `runsc`; null for its default. */
  readonly ociRuntime: string | null;
};

/** Maximum processes of a container whose spec has no limit. */
const usualPids = 1024;

/** Maximum processes of an account, over all its containers, if the engine cannot limit those of a container. */
const leastProcesses = 4096;

/** Maximum memory of a container whose spec has no limit, MiB: half of the machine's, but within these bounds. */
const [leastMemoryMb, mostMemoryMb] = [1024, 4096];

/** The folders in memory, each with its size in MiB. Podman's own /run and /var/tmp have half of the machine's memory. */
const inMemory = { "/tmp": 512, "/var/tmp": 64, "/run": 16 } as const;

/** Memory for /dev/shm, MiB. */
const sharedMb = 64;

const mebi = 1024 * 1024;

/**
 * The body of `POST /containers/create` (API 1.41). Every container is hardened: no capabilities, no new privileges, a
 * read-only root, an init process that passes signals on and ends orphans.
 */
export const createBody = ({
  spec,
  user,
  labels,
  mounts,
  inputFile,
  identities,
  cannot,
  isRootlessPodman,
  processes,
  ociRuntime,
}: CreateFacts): object => ({
  Image: spec.image,
  // The image's own entry point and health check do not run.
  Entrypoint: commandOf(spec, inputFile, identities),
  Cmd: [],
  Healthcheck: { Test: ["NONE"] },
  Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
  WorkingDir: spec.folder,
  User: `${user.uid}:${user.gid}`,
  Labels: labels,
  StopSignal: "SIGTERM",
  HostConfig: {
    ...(ociRuntime === null ? {} : { Runtime: ociRuntime }),
    // Without it rootless Podman gives the account another number, which cannot read the mounts (4.3.1).
    ...(isRootlessPodman ? { UsernsMode: "keep-id" } : {}),
    Init: true,
    // The gateway is reached by its socket, which is mounted.
    NetworkMode: spec.network === "open" ? "bridge" : "none",
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Tmpfs: tmpfs,
    ShmSize: sharedMb * mebi,
    ...limitsOf({ pids: spec.pids, memoryMb: spec.memoryMb, processes }, cannot),
    ...(spec.cpus === null ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
    // `Binds` creates a missing source. `Mounts` does not in Docker 20.10; Podman 4.3 creates it for both.
    Mounts: [...mounts, ...spec.mounts].map(mountOf),
    RestartPolicy: { Name: "no" },
    // The engine keeps only the newest output of a container. `clear` copies it to the log after the exit.
    LogConfig: { Type: "json-file", Config: { "max-size": "4m" } },
  },
});

const commandOf = (
  { command }: WorkloadSpec,
  inputFile: string | null,
  identities: readonly MountIdentity[],
): readonly string[] =>
  inputFile === null && identities.length === 0 ? command : beginCommand({ command, inputFile, identities });

/** No program of the agent may write to /run, but the engine and the mounts below it need it. */
const tmpfs = Object.fromEntries(
  Object.entries(inMemory).map(([path, mb]) => [
    path,
    `rw,nosuid,nodev,size=${mb * mebi},mode=${path === "/run" ? "755" : "1777"}`,
  ]),
);

export type Limits = Pick<WorkloadSpec, "pids" | "memoryMb"> & Pick<CreateFacts, "processes">;

/**
 * The limits of a container, as `HostConfig` names them. What is in memory, such as /tmp, counts as its memory. Where the
 * engine cannot limit a container's processes, only the limit of its account is left.
 */
export const limitsOf = ({ pids, memoryMb, processes }: Limits, cannot: Cannot): object => {
  const ofAccount = cannot.pids === undefined ? processes : leastProcesses;
  const openFiles = openFilesOf();
  return {
    PidsLimit: pids ?? usualPids,
    ...(memoryMb === null && cannot.memoryMb !== undefined ? {} : memoryOf(memoryMb ?? usualMemoryMb())),
    Ulimits: [
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
      { Name: "nproc", Soft: ofAccount, Hard: ofAccount },
    ],
  };
};

const usualMemoryMb = (): number =>
  Math.max(leastMemoryMb, Math.min(mostMemoryMb, Math.floor(totalmem() / 2 / mebi)));

/** Both are the same number: `MemorySwap` counts memory and swap together, and the default would allow twice as much. */
const memoryOf = (megabytes: number): object => ({
  Memory: megabytes * mebi,
  MemorySwap: megabytes * mebi,
});

const mountOf = ({ source, target, isReadOnly }: Mount): object => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: isReadOnly,
  BindOptions: { Propagation: "rprivate" },
});

/** Open files of a container's process, if this machine allows them. Node and the CLIs need a few hundred. */
const usualOpenFiles = 65_536;

/** Open files where the limit of this process is unknown: each engine allows this many. */
const leastOpenFiles = 1_024;

/**
 * Maximum open files of a container's process. An engine refuses more than its own limit, which is usually the limit of
 * this process (Podman 4.3.1: `rlimit type 7: operation not permitted`).
 */
export const openFilesOf = (limits: string = limitsOfThisProcess()): number => {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard === "unlimited") return usualOpenFiles;
  const number = Number(hard);
  return number > 0 ? Math.min(usualOpenFiles, number) : leastOpenFiles;
};

/** The limits of this process, as the kernel prints them. Empty on a system without `/proc`. */
const limitsOfThisProcess = (): string => {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};
