/** Who has a service: the machine, from its boot on; or an account, as long as its service manager runs. */
export type Scope = "system" | "user";

/** The unit of systemd is `gatehouse.service`, the label of launchd `gatehouse`: `gatehouse users add` names it too. */
export const serviceName = "gatehouse";

/** A host that a service manager starts, stops, and starts again. */
export type Service = {
  readonly scope: Scope;
  /** The account that runs the host of the machine: the data folder's owner, by name or number. */
  readonly account: string;
  readonly dataDir: string;
  /** The words that start this program: Node, its options, and the program's file. */
  readonly words: readonly string[];
  /** The flags of `gatehouse up`. Paths in them are absolute. */
  readonly flags: readonly string[];
  /** Variables that the host needs, without secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What runs the agents, by its name of `--runtime`; `auto` if it is not known yet. */
  readonly runtime: string;
};
