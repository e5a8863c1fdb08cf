import { readFileSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import type { Mount, WorkloadSpec } from "../../workload-spec.ts";
import type { AccountIds } from "../process/account.ts";
import type { MountIdentity } from "./hold-mounts.ts";

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
  /** Most open files of a process: the engine cannot set more than its own limit. */
  readonly openFiles: number;
  /** The engine's name of the OCI runtime, for example `runsc`; null for its default. */
  readonly ociRuntime: string | null;
};

/**
 * Opens the input and removes its file, then compares the mounts: pairs of a target and what it must be, up to `--`. Only
 * then the program runs. The shell's text is fixed; all names are arguments.
 */
const begin = `[ "$0" = - ] || { exec <"$0"; rm -f -- "$0"; }
while [ "$1" != -- ]; do
  command -v stat >/dev/null || { echo "gatehouse: the image has no stat, which compares the mounts" >&2; exit 126; }
  [ "$(stat -c %d:%i "$1")" = "$2" ] || { echo "gatehouse: at $1 is not the folder that was looked at" >&2; exit 126; }
  shift 2
done
shift
exec "$@"`;

/** Most processes of an account, over all its containers: an engine without this cannot start one everywhere. */
const processesOfAccount = 4096;

/** Most processes of a container without a limit of its own. */
const usualPids = 1024;

/** Memory for /tmp, bytes. */
const tmpBytes = 512 * 1024 * 1024;

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
  openFiles,
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
    Init: true,
    // The gateway is reached by its socket, which is mounted.
    NetworkMode: spec.network === "open" ? "bridge" : "none",
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Tmpfs: { "/tmp": `rw,nosuid,nodev,size=${tmpBytes},mode=1777` },
    PidsLimit: spec.pids ?? usualPids,
    ...(spec.memoryMb === null ? {} : memoryOf(spec.memoryMb)),
    ...(spec.cpus === null ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
    Ulimits: [
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
      { Name: "nproc", Soft: processesOfAccount, Hard: processesOfAccount },
    ],
    // Binds make a missing source; mounts do not in Docker (20.10), and Podman (4.3) makes it by both.
    Mounts: [...mounts, ...spec.mounts].map(mountOf),
    RestartPolicy: { Name: "no" },
    // The engine keeps the newest output of a container, until it has ended.
    LogConfig: { Type: "json-file", Config: { "max-size": "4m" } },
  },
});

const commandOf = (
  { command }: WorkloadSpec,
  inputFile: string | null,
  identities: readonly MountIdentity[],
): readonly string[] => {
  if (inputFile === null && identities.length === 0) return command;
  const mounts = identities.flatMap(({ target, identity }) => [target, identity]);
  return ["/bin/sh", "-c", begin, inputFile ?? "-", ...mounts, "--", ...command];
};

/** As much swap as memory would double the limit. */
const memoryOf = (megabytes: number): object => ({
  Memory: megabytes * 1024 * 1024,
  MemorySwap: megabytes * 1024 * 1024,
});

const mountOf = ({ source, target, isReadOnly }: Mount): object => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: isReadOnly,
  BindOptions: { Propagation: "rprivate" },
});

/** Open files of a container's process, if this machine allows as many. Node and the CLIs need some hundred. */
const usualOpenFiles = 65_536;

/** The number that works everywhere. */
const leastOpenFiles = 1_024;

/**
 * Most open files of a container's process. An engine starts none with more than its own limit, which is mostly that of
 * this process (Podman 4.3.1 without one: `rlimit type 7: operation not permitted`).
 */
export const openFilesOf = (limits: string = limitsOfThisProcess()): number => {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard === "unlimited") return usualOpenFiles;
  const number = Number(hard);
  return number > 0 ? Math.min(usualOpenFiles, number) : leastOpenFiles;
};

/** Empty where the system has no such file. */
const limitsOfThisProcess = (): string => {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};
