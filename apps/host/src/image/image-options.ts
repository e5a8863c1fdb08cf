import { agentClis } from "@trust/preflight";
import { containerfileBeside } from "../programs-beside.ts";

/** The CLIs of agents in the image, in the versions that are tested. */
const inImage = [agentClis.claude, agentClis.codex];

/** What goes into the agents' image: its Containerfile, and npm packages with their versions. */
export const imageOptions: { readonly containerfile: () => string; readonly clis: readonly string[] } = {
  containerfile: containerfileBeside,
  clis: inImage.map(({ npmPackage, npmVersion }) => `${npmPackage}@${npmVersion}`),
};
