import { join } from "node:path";

/** The paths for held agents in a data folder. `id` is a record's. */
export type HeldPlaces = {
  /** Mode 0700: other accounts cannot see the names of the sockets. */
  readonly folder: string;
  /** Records of the holding processes. */
  readonly holders: string;
  /** Records of the agents' process groups. */
  readonly groups: string;
  readonly states: string;
  readonly startLock: string;
  readonly socketOf: (id: string) => string;
  readonly stateOf: (id: string) => string;
  readonly logOf: (id: string) => string;
};

export const heldPlaces = (dataDir: string): HeldPlaces => {
  const folder = join(dataDir, "held");
  const states = join(folder, "states");
  return {
    folder,
    holders: join(folder, "holders"),
    groups: join(folder, "groups"),
    states,
    startLock: join(folder, "start.lock"),
    socketOf: (id) => join(folder, "sockets", `${id}.sock`),
    stateOf: (id) => join(states, `${id}.json`),
    logOf: (id) => join(folder, "logs", `${id}.jsonl`),
  };
};

/**
 * An environment variable that marks the processes of an agent, to find those that have left its group. Its
 * value is the id.
 */
export const agentVariable = "GATEHOUSE_HELD_AGENT";

/** The file of a status that is being written. A kill -9 leaves it behind. */
export const unfinished = (status: string, id: string): string => `${status}.${id}.new`;
