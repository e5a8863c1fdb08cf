import { shellWord } from "@gatehouse/std";
import {
  agentFilesOf,
  logOfContainers,
  skillsIn,
  textFile,
  workIn as work,
  type AgentFiles,
  type Workload,
} from "@gatehouse/workloads";
import type { ContainerConfig } from "@nc/container-config";
import { unlimited, type FileIn, type FilesIn, type Mount, type WorkloadSpec } from "@nc/container-runtime";

/** The facts from which a specification is made. */
export type SpecFacts = Pick<Workload, "containerJson" | "files" | "graceMs" | "label" | "limits"> &
  AgentFiles & {
    readonly mounts: ContainerConfig["additional_mounts"];
    /** The folder of the agent's input files, at its path in the workload. */
    readonly folder: string;
    /** The session's folder on the host, with the log. */
    readonly hostFolder: string;
    /** The group's folder, which only the host's account may enter. */
    readonly groupFolder: string;
    /**
     * The image of a container, null for a sandbox, and the mounts without which its programs do not work: the sockets, and
     * the machine's own programs. Null for a process, which sees the whole machine.
     */
    readonly walls: { readonly image: string | null; readonly mounts: readonly Mount[] } | null;
    /** False if a workload sees each folder at the host's path. */
    readonly hasMounts: boolean;
    /** The programs of the agent's runner and of `ncl`. */
    readonly runner: WorkloadSpec["command"];
    readonly ncl: readonly string[];
    /** CLIs that the agent finds by these names, besides those on its PATH: a sandbox does not see the folders of PATH. */
    readonly clis: readonly { readonly name: string; readonly path: string }[];
    /** The address to which the runner connects. */
    readonly wire: string;
    /** The address of the gateway to the models. */
    readonly gateway: string;
    /** The host's PATH, where the agent finds its other programs. */
    readonly path: string;
  };

/** Paths inside the workload's folder. */
const [programsIn, home] = ["in/bin", "home"];

/** The folders in which the providers' CLIs find skills, below their HOME and their working folder. */
const skillPlaces = [".claude", ".agents"] as const;

/** Makes the specification of a workload on this machine, for any of its runtimes. */
export const specOf = (facts: SpecFacts): WorkloadSpec => {
  const { account, folder, hostFolder, limits, hasMounts } = facts;
  return {
    ...unlimited,
    label: facts.label,
    command: facts.runner,
    env: {
      GATEHOUSE_SESSION: folder,
      GATEHOUSE_WIRE: facts.wire,
      GATEHOUSE_GATEWAY: facts.gateway,
      GATEHOUSE_SKILLS: `${folder}/${skillsIn}`,
      // A process of another account uses its own HOME, with its sign-in; behind walls there is no such folder.
      ...(account === null ? { HOME: `${folder}/${home}` } : {}),
      ...(account !== null && facts.walls !== null ? { HOME: `${folder}/${work}` } : {}),
      PATH: `${folder}/${programsIn}:${facts.path}`,
    },
    folder: account === null ? facts.groupFolder : `${folder}/${work}`,
    files: filesOf(facts),
    ...roomOf(facts),
    mounts: [
      ...mountsOf(facts),
      ...facts.mounts.map(({ hostPath, containerPath, readonly: isReadOnly = true }) => ({
        source: hostPath,
        target: hasMounts ? containerPath : hostPath,
        isReadOnly,
        isReal: true,
      })),
    ],
    account,
    cpus: limits.cpus,
    memoryMb: limits.memory_mb,
    pids: limits.pids,
    graceMs: facts.graceMs,
    logFile: `${hostFolder}/${logOfContainers}`,
  };
};

/**
 * Returns the image and the network. By default, an agent behind walls reaches only the sockets of its host and of the
 * gateway.
 */
const roomOf = ({ walls, limits }: SpecFacts): Pick<WorkloadSpec, "image" | "network"> =>
  walls === null
    ? { image: null, network: "open" }
    : { image: walls.image, network: limits.network ?? "gateway" };

/** Returns the host's folders that an agent behind walls sees besides its session's folder, where another account works. */
const mountsOf = ({ walls, account, groupFolder }: SpecFacts): readonly Mount[] => {
  if (walls === null) return [];
  const group = { source: groupFolder, target: groupFolder, isReadOnly: false };
  return account === null ? [...walls.mounts, group] : walls.mounts;
};

const filesOf = (facts: SpecFacts): FilesIn => {
  const { whole, entries } = agentFilesOf(facts);
  const place = facts.account === null ? home : work;
  return {
    folder: facts.folder,
    whole: [...new Set([...whole, ...facts.files.whole, programsIn])],
    entries: [
      textFile("in/container.json", `${JSON.stringify(facts.containerJson, null, 2)}\n`),
      textFile(`${programsIn}/ncl`, startScript(facts.ncl), 0o700),
      ...facts.clis.map(({ name, path }) => textFile(`${programsIn}/${name}`, startScript([path]), 0o700)),
      { kind: "folder", path: place },
      // The runner's spool keeps finished work while the host is away.
      { kind: "folder", path: "out" },
      ...skillPlaces.map((name): FileIn => ({
        kind: "link",
        path: `${place}/${name}/skills`,
        target: `../../${skillsIn}`,
      })),
      ...entries,
      ...facts.files.entries,
    ],
  };
};

/** Returns a script that becomes a program of the host, such as `ncl`. */
const startScript = (command: readonly string[]): string =>
  `#!/bin/sh\nexec ${command.map(shellWord).join(" ")} "$@"\n`;
