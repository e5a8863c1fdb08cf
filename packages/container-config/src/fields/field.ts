import type { z } from "zod";

/** The steps after which a running container has a change: none, a restart, or a new image and a restart. */
export type Need = "now" | "restart" | "rebuild";

/** One field of the configuration: a row of `scalarFields` or `entryFields`. */
export type Field<Value> = {
  /** Checks a value, and writes it in one form (a provider in lower case). */
  readonly check: z.ZodType<NonNullable<Value>>;
  readonly needs: Need;
  /**
   * Its key in container.json; null if the file does not have it. `packages.apt` is `apt` within `packages`.
   */
  readonly file: string | null;
  /**
   * True if a file that the agent can write may set the field without a person. Only for fields that an agent
   * decides in its own session anyway, such as its name or effort. Never for fields that decide what it runs,
   * reaches or spends.
   */
  readonly agentsOwn: boolean;
  /** The value in a new configuration, and after unsetting. */
  readonly initial: Value;
};
