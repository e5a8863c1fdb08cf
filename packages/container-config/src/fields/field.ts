import type { z } from "zod";

/** What it takes until a change shows in a running container: nothing, a new start, or a new image and a new start. */
export type Need = "now" | "restart" | "rebuild";

/** One field of the configuration: a row of `scalarFields` or `entryFields`. */
export type Field<Value> = {
  /** What a value has to be, and how it is written (a provider in lower case). */
  readonly check: z.ZodType<NonNullable<Value>>;
  readonly needs: Need;
  /** Its key in container.json; null where containers are not told. `packages.apt` is `apt` within `packages`. */
  readonly file: string | null;
  /**
   * Whether a file that the group's agent can write may say it without a person. True only of what an agent decides for itself
   * anyhow in its own session: what it is called, how it thinks. Never of what is run, reached or spent.
   */
  readonly agentsOwn: boolean;
  /** What a new configuration has, and what unsetting goes back to. */
  readonly initial: Value;
};
