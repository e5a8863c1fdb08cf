import { join } from "node:path";
import type { AgentDoors, AgentImage, GroupImages } from "@gatehouse/workloads";
import type { EngineImage } from "@nc/container-runtime/node";

/** The image of all agents whose group has no image of its own. */
export const agentImageName = "gatehouse-agent";

/** The image label with the version of gatehouse whose programs the image contains. */
export const versionLabel = "gatehouse.image";

/** The folder of the image with the programs of agents; see the Containerfile. */
const programs = "/opt/gatehouse";

/** The PATH of agents in the image. */
export const agentPath = "/usr/local/bin:/usr/bin:/bin";

/** The host's folder that contains only the sockets that its agents connect to. */
export const agentSocketsIn = (dataDir: string): string => join(dataDir, "agent-sockets");

/** True if an image has this repository and tag. Podman 4.3.1 prefixes names with `docker.io/library/` or `localhost/`. */
export const isNamed = ({ names }: Pick<EngineImage, "names">, repository: string, tag = "latest"): boolean =>
  names.some((name) => lastPartOf(name) === `${repository}:${tag}`);

/** The repository in an image's name, without the path before its last slash. */
export const repositoryOf = (name: string): string => lastPartOf(name).split(":")[0] ?? "";

const lastPartOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The agents' image for a data folder, with the images of its groups. */
export const agentImage = (dataDir: string, images: GroupImages): AgentImage => ({
  ...images,
  runner: ["node", `${programs}/agent-runner.cjs`],
  ncl: ["node", `${programs}/ncl.cjs`],
  path: agentPath,
  ...agentDoors(dataDir),
});

/** The doors of agents that see only their mounts. */
export const agentDoors = (dataDir: string): AgentDoors => ({
  sockets: { source: agentSocketsIn(dataDir), target: "/run/gatehouse", isReadOnly: true },
  wire: "runners.sock",
  gateway: "gateway.sock",
});
