import type { SkillFile } from "@gatehouse/group-workspace";
import type { ContainerConfig } from "@nc/container-config";
import { unlimited, type FileIn, type FilesIn, type Mount, type WorkloadSpec } from "@nc/container-runtime";
import { logOfContainers } from "./session-folder.ts";

/** The facts from which a session's workload is made. */
export type WorkloadFacts = AgentFiles & {
  readonly label: WorkloadSpec["label"];
  /** The folder of the agent's input files, at its path in the workload. */
  readonly folder: string;
  /** The session's folder on the host, with the log. */
  readonly hostFolder: string;
  /** The group's folder, which only the host's account may enter. */
  readonly groupFolder: string;
  readonly config: Pick<ContainerConfig, "additional_mounts" | "cpus" | "memory_mb" | "network" | "pids">;
  /** The content of `container.json`. */
  readonly containerJson: object;
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
  /** The address of the gateway to the models; null without one. */
  readonly gateway: string | null;
  /** The host's PATH, where the agent finds its other programs. */
  readonly path: string;
  readonly graceMs: number;
};

/** The skills and instructions of an agent, which are updated while it runs. */
export type AgentFiles = {
  /** The account that the agent runs as; null for the host's account. */
  readonly account: string | null;
  readonly skills: readonly SkillFile[];
  /** The group's instructions, for another account: it cannot enter the group's folder. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
};

/** Paths inside the workload's folder. */
const [skillsIn, programsIn, work, home] = ["in/skills", "in/bin", "work", "home"];

/** The folders in which the providers' CLIs find skills, below their HOME and their working folder. */
const skillPlaces = [".claude", ".agents"] as const;

/** Makes the workload of a session, for any runtime. */
export const workloadOf = (facts: WorkloadFacts): WorkloadSpec => {
  const { account, folder, hostFolder, config, hasMounts } = facts;
  return {
    ...unlimited,
    label: facts.label,
    command: facts.runner,
    env: {
      GATEHOUSE_SESSION: folder,
      GATEHOUSE_WIRE: facts.wire,
      ...(facts.gateway === null ? {} : { GATEHOUSE_GATEWAY: facts.gateway }),
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
      ...config.additional_mounts.map(({ hostPath, containerPath, readonly: isReadOnly = true }) => ({
        source: hostPath,
        target: hasMounts ? containerPath : hostPath,
        isReadOnly,
        isReal: true,
      })),
    ],
    account,
    cpus: config.cpus,
    memoryMb: config.memory_mb,
    pids: config.pids,
    graceMs: facts.graceMs,
    logFile: `${hostFolder}/${logOfContainers}`,
  };
};

/**
 * Returns the image and the network. By default, an agent behind walls reaches only the sockets of its host and of the
 * gateway.
 */
const roomOf = ({ walls, config }: WorkloadFacts): Pick<WorkloadSpec, "image" | "network"> =>
  walls === null
    ? { image: null, network: "open" }
    : { image: walls.image, network: config.network ?? "gateway" };

/** Returns the host's folders that an agent behind walls sees besides its session's folder, where another account works. */
const mountsOf = ({ walls, account, groupFolder }: WorkloadFacts): readonly Mount[] => {
  if (walls === null) return [];
  const group = { source: groupFolder, target: groupFolder, isReadOnly: false };
  return account === null ? [...walls.mounts, group] : walls.mounts;
};

const filesOf = (facts: WorkloadFacts): FilesIn => {
  const { whole, entries } = agentFilesOf(facts);
  const place = facts.account === null ? home : work;
  return {
    folder: facts.folder,
    whole: [...whole, programsIn],
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
    ],
  };
};

/** Returns the files that a change of the group's configuration replaces while the agent runs. */
export const agentFilesOf = ({ account, skills, instructions }: AgentFiles): Omit<FilesIn, "folder"> => ({
  whole: [skillsIn],
  entries: [
    ...skills.map(skillEntry),
    ...(account === null ? [] : instructions.map(({ name, text }) => textFile(`${work}/${name}`, text))),
  ],
});

const skillEntry = ({ path, source, size, mtimeMs, isProgram }: SkillFile): FileIn =>
  source === null
    ? { kind: "folder", path: `${skillsIn}/${path}` }
    : {
        kind: "file",
        path: `${skillsIn}/${path}`,
        mode: isProgram ? 0o700 : 0o600,
        content: { source, size, mtimeMs },
      };

const textFile = (path: string, content: string, mode = 0o600): FileIn => ({
  kind: "file",
  path,
  mode,
  content,
});

/** Returns a script that becomes a program of the host, such as `ncl`. */
const startScript = (command: readonly string[]): string =>
  `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
