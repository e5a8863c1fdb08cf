import type { SkillFile } from "@gatehouse/group-workspace";
import type { ContainerConfig } from "@nc/container-config";
import { unlimited, type FileIn, type FilesIn, type WorkloadSpec } from "@nc/container-runtime";

/** Everything that a session's workload is made from. */
export type WorkloadFacts = AgentFiles & {
  readonly label: WorkloadSpec["label"];
  /** The folder of the files that are handed in, as the workload sees it. */
  readonly folder: string;
  /** The session's folder on the host, with the log. */
  readonly hostFolder: string;
  /** The group's folder, which only the host's own account may enter. */
  readonly groupFolder: string;
  readonly config: Pick<ContainerConfig, "additional_mounts" | "cpus" | "memory_mb" | "pids">;
  /** The content of `container.json`. */
  readonly containerJson: object;
  /** False where a workload sees each folder at the host's own path. */
  readonly hasMounts: boolean;
  /** The programs of the agent's runner and of `ncl`. */
  readonly runner: WorkloadSpec["command"];
  readonly ncl: readonly string[];
  /** The address that the runner dials. */
  readonly wire: string;
  /** The PATH of the host, in which the agent finds its other programs. */
  readonly path: string;
  readonly graceMs: number;
};

/** What an agent reads besides its configuration, and what follows the configuration while it runs. */
export type AgentFiles = {
  /** The account that it runs as; null for the host's own. */
  readonly account: string | null;
  readonly skills: readonly SkillFile[];
  /** For another account: the group's instructions, since its folder is closed to that account. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
};

/** In the folder of a workload. */
const [skillsIn, programsIn, work, home] = ["in/skills", "in/bin", "work", "home"];

/** Where the CLIs of providers look for skills: below their HOME, and below the folder that they work in. */
const skillPlaces = [".claude", ".agents"] as const;

/** The workload of a session: made from its configuration alone, whatever the runtime is. */
export const workloadOf = (facts: WorkloadFacts): WorkloadSpec => {
  const { account, folder, hostFolder, config, hasMounts } = facts;
  return {
    ...unlimited,
    label: facts.label,
    command: facts.runner,
    env: {
      GATEHOUSE_SESSION: folder,
      GATEHOUSE_WIRE: facts.wire,
      GATEHOUSE_SKILLS: `${folder}/${skillsIn}`,
      // Another account has its own HOME, with its sign-in.
      ...(account === null ? { HOME: `${folder}/${home}` } : {}),
      PATH: `${folder}/${programsIn}:${facts.path}`,
    },
    folder: account === null ? facts.groupFolder : `${folder}/${work}`,
    files: filesOf(facts),
    mounts: config.additional_mounts.map(({ hostPath, containerPath, readonly: isReadOnly = true }) => ({
      source: hostPath,
      target: hasMounts ? containerPath : hostPath,
      isReadOnly,
    })),
    account,
    cpus: config.cpus,
    memoryMb: config.memory_mb,
    pids: config.pids,
    graceMs: facts.graceMs,
    logFile: `${hostFolder}/runner.log`,
  };
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
      // The runner's: what it has done while the host is away.
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

/** A program `ncl` that starts the host's own: the host may have been started by its path. */
const nclScript = (command: readonly string[]): string =>
  `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
