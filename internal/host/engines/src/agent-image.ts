import { join } from "node:path";
import type { AgentImage, GroupImages } from "@gatehouse/workloads";
import type { EngineImage } from "@nc/container-runtime/node";

/** The name of the image that all agents run in whose group has none of its own. */
export const agentImageName = "gatehouse-agent";

/** The label of the images that `gatehouse image build` makes: the version of gatehouse whose programs are in it. */
export const versionLabel = "gatehouse.image";

/** The folder of the image with the programs of agents; see the Containerfile. */
const programs = "/opt/gatehouse";

/** The PATH of agents in the image. */
export const agentPath = "/usr/local/bin:/usr/bin:/bin";

/** The folder of the host with the sockets that its agents dial, and nothing else. */
export const agentSocketsIn = (dataDir: string): string => join(dataDir, "agent-sockets");

/** True for an image of this repository, and of this tag. Podman 4.3.1 lists names below `docker.io/library/` or `localhost/`. */
export const isNamed = ({ names }: Pick<EngineImage, "names">, repository: string, tag = "latest"): boolean =>
  names.some((name) => lastPartOf(name) === `${repository}:${tag}`);

/** The repository of an image's name, without what stands before the last slash. */
export const repositoryOf = (name: string): string => lastPartOf(name).split(":")[0] ?? "";

const lastPartOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The agents' image for a data folder, with the images of its groups. */
export const agentImage = (dataDir: string, images: GroupImages): AgentImage => ({
  ...images,
  runner: ["node", `${programs}/agent-runner.cjs`],
  ncl: ["node", `${programs}/ncl.cjs`],
  path: agentPath,
  sockets: { source: agentSocketsIn(dataDir), target: "/run/gatehouse", isReadOnly: true },
  wire: "runners.sock",
  gateway: "gateway.sock",
});
