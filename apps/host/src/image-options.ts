import { agentClis } from "@trust/preflight";
import type { AddImageOptions } from "@gatehouse/engines/add-image";
import { containerfileBeside, programBeside } from "./programs-beside.ts";

/** The CLIs of agents in the image, of the versions that we test with. */
const inImage = [agentClis.claude, agentClis.codex];

/** What `gatehouse image build` puts into the agents' image. */
export const imageOptions: AddImageOptions = {
  files: () => ({
    containerfile: containerfileBeside(),
    programs: [programBeside("agent-runner")[1], programBeside("ncl")[1]],
  }),
  clis: inImage.map(({ npmPackage, npmVersion }) => `${npmPackage}@${npmVersion}`),
};
