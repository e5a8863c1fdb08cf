import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { cliOnPath, programOnPath } from "@gatehouse/agent-clis";
import { ok, type Result } from "@gatehouse/std";
import type { DialPlace } from "@gatehouse/wire";
import type { GroupImages, Workload } from "@gatehouse/workloads";
import type { Mount } from "@nc/container-runtime";
import type { PlaceHost } from "../chosen-place.ts";
import { agentDoors, imagePrograms, socketsMount } from "./agent-image.ts";
import type { PackageFolders } from "./package-folders.ts";
import { programMounts } from "./program-mounts.ts";
import type { SpecFacts } from "./spec-of.ts";

/** The programs of an agent, and the addresses that it connects to. */
export type Programs = Pick<SpecFacts, "clis" | "gateway" | "ncl" | "path" | "runner" | "walls" | "wire">;

/** Returns the programs with which the agent of a workload runs on this machine. The error is a sentence. */
export type ProgramsOf = (
  workload: Pick<Workload, "containerJson" | "here" | "image" | "provider">,
) => Promise<Result<Programs, string>>;

/** What agents in sandboxes have besides the machine's programs. */
export type AgentSandbox = {
  /** The mount of a Node that only runs, and that no agent can read; null if there is none here. */
  readonly node: () => Mount | null;
  /** The packages of groups. */
  readonly packages: PackageFolders;
};

/** The programs of a machine and of gatehouse. */
type MachinePrograms = Pick<PlaceHost, "clis" | "programs">;

/** In containers: of the group's own image, or else of the one with its packages. */
export const inImages =
  ({ dataDir }: Pick<PlaceHost, "dataDir">, images: GroupImages): ProgramsOf =>
  async ({ image: own, here }) => {
    const image = own === null ? await images.nameOf(here.packages) : ok(own);
    if (!image.ok) return image;
    const { mounts, ...programs } = imagePrograms(dataDir);
    const walls = { image: image.value, mounts: [socketsMount(dataDir), ...mounts] };
    return ok({ ...agentDoors, ...programs, clis: [], walls });
  };

/** In sandboxes: the machine's programs, and the group's npm packages. */
export const inSandboxes =
  (
    { dataDir, clis, programs: { runner, ncl } }: MachinePrograms & Pick<PlaceHost, "dataDir">,
    sandbox: AgentSandbox,
  ): ProgramsOf =>
  async ({ provider, containerJson, here }) => {
    const packages = await sandbox.packages.folderOf(here.packages);
    if (!packages.ok) return packages;
    const path = pathWith(clis);
    const program = ownProgram(containerJson);
    const cli = await (program === null ? cliOnPath(provider, path) : programOnPath(program, path));
    const mounts = await programMounts([...runner, ...ncl], cli?.path ?? null);
    const node = sandbox.node();
    const more = [node, packages.value].filter((mount) => mount !== null);
    return ok({
      ...agentDoors,
      runner: byNode(runner, node),
      ncl: byNode(ncl, node),
      clis: cli === null ? [] : [cli],
      // A program of a package replaces none of the machine's.
      path: packages.value === null ? path : [path, join(packages.value.target, "bin")].join(delimiter),
      walls: { image: null, mounts: [socketsMount(dataDir), ...mounts, ...more] },
    });
  };

/** As processes: what their account has. The gateway is behind the TLS port of the host if agents dial that. */
export const ofMachine =
  ({ clis, programs }: MachinePrograms, { address: wire }: DialPlace, gatewaySocket: string): ProgramsOf =>
  async () => {
    const gateway = wire.startsWith("tls:") ? wire : `unix:${gatewaySocket}`;
    return ok({ ...programs, walls: null, clis: [], path: pathWith(clis), wire, gateway });
  };

/** The program of a provider that the operator has added; null for another provider. */
const ownProgram = (containerJson: object): string | null => {
  const { ownProvider } = containerJson as { readonly ownProvider?: { readonly command: readonly string[] } };
  return ownProvider?.command[0] ?? null;
};

/** The command of a program of ours, by another Node. */
const byNode = (
  [own, ...args]: readonly [string, ...string[]],
  node: Mount | null,
): readonly [string, ...string[]] => [node?.target ?? own, ...args];

/** The machine's PATH, behind the folder of agents' CLIs. */
const pathWith = (clis: string | undefined): string => {
  const path = process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  return clis === undefined ? path : [clis, path].join(delimiter);
};
