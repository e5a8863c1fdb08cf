import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { cliOnPath, programOnPath } from "@gatehouse/agent-clis";
import type { DialPlace } from "@gatehouse/wire";
import type { Mount } from "@nc/container-runtime";
import type { PlaceHost } from "../chosen-place.ts";
import { agentDoors, imagePrograms, socketsMount } from "./agent-image.ts";
import type { PackageFolders } from "./package-folders.ts";
import { programMounts } from "./program-mounts.ts";
import type { SpecFacts } from "./spec-of.ts";

type Programs = Pick<SpecFacts, "clis" | "gateway" | "ncl" | "path" | "runner" | "walls" | "wire">;

/** The image of a container, or the folder with packages of a sandbox; null for neither. */
type Found = { readonly image: string | null; readonly packages: Mount | null };

/** What agents in sandboxes have besides the machine's programs. */
export type AgentSandbox = {
  /** The mount of a Node that only runs, and that no agent can read; null if there is none here. */
  readonly node: () => Mount | null;
  /** The packages of groups. */
  readonly packages: PackageFolders;
};

/** The programs of a machine and of gatehouse, and the sockets of its agents. */
export type ProgramDeps = Pick<PlaceHost, "clis" | "dataDir"> &
  PlaceHost["programs"] & {
    /** Missing where an agent has an image, or sees the whole machine, as a process. */
    readonly sandbox?: AgentSandbox;
    /** The address to which runners connect. */
    readonly dial: DialPlace;
    /** The socket of the gateway to the models, for agents. */
    readonly gatewaySocket: string;
  };

/** The provider of an agent; for one that the operator has added, its program. */
type AgentProgram = { readonly provider: string; readonly program: string | null };

/** Returns the programs of an agent and the addresses that it connects to: in its image, its sandbox, or on this machine. */
export const programsOf = async (
  { dataDir, sandbox, ...context }: ProgramDeps,
  { provider, program }: AgentProgram,
  found: Found,
): Promise<Programs> => {
  const { runner, ncl } = context;
  const sockets = socketsMount(dataDir);
  if (found.image !== null) {
    const { mounts, ...programs } = imagePrograms(dataDir);
    return {
      ...agentDoors,
      ...programs,
      clis: [],
      walls: { image: found.image, mounts: [sockets, ...mounts] },
    };
  }
  const path = [...(context.clis === undefined ? [] : [context.clis]), hostPath()].join(delimiter);
  if (sandbox === undefined)
    return {
      walls: null,
      clis: [],
      runner,
      ncl,
      path,
      wire: context.dial.address,
      gateway: gatewayOf(context),
    };
  const cli = await (program === null ? cliOnPath(provider, path) : programOnPath(program, path));
  const mounts = await programMounts([...runner, ...ncl], cli?.path ?? null);
  const node = sandbox.node();
  const { packages } = found;
  return {
    ...agentDoors,
    runner: byNode(runner, node),
    ncl: byNode(ncl, node),
    clis: cli === null ? [] : [cli],
    // A program of a package replaces none of the machine's.
    path: packages === null ? path : [path, join(packages.target, "bin")].join(delimiter),
    walls: {
      image: null,
      mounts: [sockets, ...mounts, ...[node, packages].filter((mount) => mount !== null)],
    },
  };
};

/** Returns the gateway's address: behind the TLS port of the host if agents dial that, else at its socket. */
const gatewayOf = ({ dial, gatewaySocket }: Pick<ProgramDeps, "dial" | "gatewaySocket">): string =>
  dial.address.startsWith("tls:") ? dial.address : `unix:${gatewaySocket}`;

/** The command of a program of ours, by another Node. */
const byNode = (
  [own, ...args]: readonly [string, ...string[]],
  node: Mount | null,
): readonly [string, ...string[]] => [node?.target ?? own, ...args];

const hostPath = (): string =>
  process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
