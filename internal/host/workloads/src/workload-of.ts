import type { SkillFile } from "@gatehouse/group-workspace";
import type { ContainerConfig } from "@nc/container-config";
import { unlimited, type FileIn, type FilesIn, type Mount, type WorkloadSpec } from "@nc/container-runtime";
import { logOfContainers } from "./session-folder.ts";

/** The facts from which a session's workload is made. */
export type WorkloadFacts = AgentFiles & {
  readonly label: WorkloadSpec["label"];
  /** The folder of the agent's input files, as the workload sees it. */
  readonly folder: string;
  /** The session's folder on the host, with the log. */
  readonly hostFolder: string;
  /** The group's folder, which only the host's own account may enter. */
  readonly groupFolder: string;
  readonly config: Pick<ContainerConfig, "additional_mounts" | "cpus" | "memory_mb" | "network" | "pids">;
  /** The content of `container.json`. */
  readonly containerJson: object;
  /** The group's image, and the folder of the sockets that agents dial; null for programs of the machine. */
  readonly image: { readonly name: string; readonly sockets: Mount } | null;
  /** False where a workload sees each folder at the host's own path. */
  readonly hasMounts: boolean;
  /** The programs of the agent's runner and of `ncl`. */
  readonly runner: WorkloadSpec["command"];
  readonly ncl: readonly string[];
  /** The address that the runner dials. */
  readonly wire: string;
  /** The address of the gateway to the models; null without one. */
  readonly gateway: string | null;
  /** The host's PATH, where the agent finds its other programs. */
  readonly path: string;
  readonly graceMs: number;
};

/** The files that an agent reads besides its configuration. They are updated while the agent runs. */
export type AgentFiles = {
  /** The account that the agent runs as; null for the host's own. */
  readonly account: string | null;
  readonly skills: readonly SkillFile[];
  /** The group's instructions, for another account: it cannot enter the group's folder. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
};

/** Paths inside the workload's folder. */
const [skillsIn, programsIn, work, home] = ["in/skills", "in/bin", "work", "home"];

/** Folders in which the providers' CLIs look for skills, below their HOME and below their working folder. */
const skillPlaces = [".claude", ".agents"] as const;

/** Makes the workload of a session. It depends only on these facts, not on the runtime. */
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
      // Another account has its own HOME, with its sign-in.
      ...(account === null ? { HOME: `${folder}/${home}` } : {}),
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
 * An agent in a container reaches its host and the gateway by their sockets, and no other machine unless the
 * configuration of its group says so.
 */
const roomOf = ({ image, config }: WorkloadFacts): Pick<WorkloadSpec, "image" | "network"> =>
  image === null
    ? { image: null, network: "open" }
    : { image: image.name, network: config.network ?? "gateway" };

/** The host's folders that a container sees, besides its session's. Another account works in that folder. */
const mountsOf = ({ image, account, groupFolder }: WorkloadFacts): readonly Mount[] => {
  if (image === null) return [];
  const group = { source: groupFolder, target: groupFolder, isReadOnly: false };
  return account === null ? [image.sockets, group] : [image.sockets];
};

const filesOf = (facts: WorkloadFacts): FilesIn => {
  const { whole, entries } = agentFilesOf(facts);
  const place = facts.account === null ? home : work;
  return {
    folder: facts.folder,
    whole: [...whole, programsIn],
    entries: [
      textFile("in/container.json", `${JSON.stringify(facts.containerJson, null, 2)}\n`),
      textFile(`${programsIn}/ncl`, nclScript(facts.ncl), 0o700),
      { kind: "folder", path: place },
      // The runner's spool: work that it has done while the host is away.
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

/** The files that are replaced while an agent runs, when its group's configuration changes. */
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
  ...{ path, mode, content },
});

/** A script `ncl` that starts the host's own program, which may have been started by its path. */
const nclScript = (command: readonly string[]): string =>
  `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
