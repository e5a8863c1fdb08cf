import { agentClis } from "@trust/preflight";
import type { AddImageOptions } from "@gatehouse/engines/add-image";
import { containerfileBeside } from "./programs-beside.ts";

/** The CLIs of agents in the image, in the versions that are tested. */
const inImage = [agentClis.claude, agentClis.codex];

/** The contents of the agents' image of `gatehouse image build`. */
export const imageOptions: AddImageOptions = {
  containerfile: containerfileBeside,
  clis: inImage.map(({ npmPackage, npmVersion }) => `${npmPackage}@${npmVersion}`),
};
