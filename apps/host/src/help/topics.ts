import { examples, exitCodes } from "./examples.ts";

const environment = `The variables that gatehouse reads:

  GATEHOUSE_DATA          the data folder, if --data names none (default: ~/.gatehouse)
  GATEHOUSE_DATABASE      the PostgreSQL database of the host, if --database names none; also with its password
  GATEHOUSE_KEY_FILE      the file of the key that seals the secrets which several hosts share
  GATEHOUSE_OCI_RUNTIME   the OCI runtime by which Docker runs agents' containers, such as runsc
  DOCKER_HOST             the socket of Docker, if --engine-socket names none
  CONTAINER_HOST          the socket of Podman, if --engine-socket names none

What an agent's process gets of them: docs/host/agents.md.
`;

/** What `gatehouse help TOPIC` prints. */
export const topics: Readonly<Record<string, string>> = {
  examples: `Examples:\n${examples.map((line) => `  ${line}\n`).join("")}`,
  "exit-codes": `${exitCodes.trimStart()}\n`,
  environment,
};
