import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { replaceFile } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Mount } from "@nc/container-runtime";
import type { EngineImage } from "@nc/container-runtime/node";
import type { PlaceHost } from "../chosen-place.ts";
import { packagesIn } from "./image-changes.ts";
import type { SpecFacts } from "./spec-of.ts";

/** The image of all agents whose group has no image of its own. */
export const agentImageName = "gatehouse-agent";

/** The image label with the version of gatehouse that built the image. */
export const versionLabel = "gatehouse.image";

/** The folder in a container with the programs of gatehouse. */
const programs = "/opt/gatehouse";

/** The Node of these programs, which no other account than root may read; see the Containerfile. */
export const agentNode: string = `${programs}/node`;

/** The PATH of agents in the image. A program of a package replaces none of the image's own. */
export const agentPath: string = `/usr/local/bin:/usr/bin:/bin:${packagesIn}/bin`;

/** The programs of gatehouse that run beside an agent, by their files. */
const programFiles = { runner: "agent-runner.cjs", ncl: "ncl.cjs" } as const;

/** The host's folder with copies of these programs, which containers mount: an image may be that of a hostile package. */
const agentProgramsIn = (dataDir: string): string => join(dataDir, "agent-programs");

/**
 * Copies the programs to where an engine can mount them for every account. A container that runs keeps its own: a mount of
 * a file stays when the file is replaced.
 */
export const placeAgentPrograms = async (dataDir: string, sources: PlaceHost["programs"]): Promise<void> => {
  const folder = agentProgramsIn(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const name of ["runner", "ncl"] as const)
    await replaceFile(join(folder, programFiles[name]), await readFile(sources[name][1], "utf8"), 0o644);
};

/**
 * Copies the Node of this process to a file that accounts can run and not read, and returns its mount. Linux then shows the
 * memory, the environment and the open files of a process with this program to no other process of its account. The mount
 * is read-only, so the owner of the file cannot change that in a sandbox. Returns a sentence if the copy does not run here,
 * such as on a disk without programs.
 */
export const placeAgentNode = async (dataDir: string): Promise<Result<Mount, string>> => {
  const folder = agentProgramsIn(dataDir);
  const file = join(folder, "node");
  const fresh = `${file}.${randomUUID()}.new`;
  try {
    const from = await stat(process.execPath);
    const there = await stat(file).catch(() => null);
    const isSame = there?.size === from.size && there.mtime.getTime() === from.mtime.getTime();
    if (!isSame || (there.mode & 0o777) !== 0o111) {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await copyFile(process.execPath, fresh, constants.COPYFILE_FICLONE);
      await utimes(fresh, from.atime, from.mtime);
      await chmod(fresh, 0o111);
      await run(fresh, ["--version"]);
      await rename(fresh, file);
    }
    return ok({ source: file, target: agentNode, isReadOnly: true });
  } catch (error) {
    return fail(
      `Tools of agents can read the memory of their runner: its Node cannot be copied to ${file}, or does not run there (${(error as Error).message}).`,
    );
  } finally {
    await rm(fresh, { force: true });
  }
};

const run = promisify(execFile);

/** The host's folder that contains only the sockets that its agents connect to. */
export const agentSocketsIn = (dataDir: string): string => join(dataDir, "agent-sockets");

/** True if an image has this repository and tag. Podman 4.3.1 prefixes names with `docker.io/library/` or `localhost/`. */
export const isNamed = ({ names }: Pick<EngineImage, "names">, repository: string, tag = "latest"): boolean =>
  names.some((name) => lastPartOf(name) === `${repository}:${tag}`);

/** The repository in an image's name, without the path before its last slash. */
export const repositoryOf = (name: string): string => lastPartOf(name).split(":")[0] ?? "";

const lastPartOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The programs of an agent in an image, and their mounts. */
export const imagePrograms = (
  dataDir: string,
): Pick<SpecFacts, "ncl" | "path" | "runner"> & { readonly mounts: readonly Mount[] } => ({
  runner: [agentNode, `${programs}/${programFiles.runner}`],
  ncl: [agentNode, `${programs}/${programFiles.ncl}`],
  path: agentPath,
  mounts: Object.values(programFiles).map((name) => ({
    source: join(agentProgramsIn(dataDir), name),
    target: `${programs}/${name}`,
    isReadOnly: true,
  })),
});

/** Where an agent that sees only its mounts finds the sockets of its host and of the gateway. */
const socketsFolder = "/run/gatehouse";

/** The mount of the folder with these sockets. A mounted socket would stay that of an earlier host. */
export const socketsMount = (dataDir: string): Mount => ({
  source: agentSocketsIn(dataDir),
  target: socketsFolder,
  isReadOnly: true,
});

/** The addresses of these sockets. */
export const agentDoors: Pick<SpecFacts, "gateway" | "wire"> = {
  wire: `unix:${socketsFolder}/runners.sock`,
  gateway: `unix:${socketsFolder}/gateway.sock`,
};
