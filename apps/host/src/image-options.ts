import { agentClis } from "@trust/preflight";
import type { AddImageOptions } from "@gatehouse/engines/add-image";
import { containerfileBeside, programBeside } from "./programs-beside.ts";

/** The CLIs of agents in the image, in the versions that are tested. */
const inImage = [agentClis.claude, agentClis.codex];

/** The contents of the agents' image of `gatehouse image build`. */
export const imageOptions: AddImageOptions = {
  files: () => ({
    containerfile: containerfileBeside(),
    programs: [programBeside("agent-runner")[1], programBeside("ncl")[1]],
  }),
  clis: inImage.map(({ npmPackage, npmVersion }) => `${npmPackage}@${npmVersion}`),
};
