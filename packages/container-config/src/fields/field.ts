import type * as z from "zod";

/** The steps after which a running container has a change: none, a restart, or a new image and a restart. */
export type Need = "now" | "restart" | "rebuild";

/** The properties of each field of the configuration. */
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

/** A single value: its column and its flag of `ncl groups config update` have the field's name. */
export type ScalarField<Value> = Field<Value> & {
  /** The type of the flag. */
  readonly type: "string" | "integer" | "number";
  /** The type of the column. Default: by the type of the flag. */
  readonly column?: "double precision";
  /** The help of the flag. */
  readonly help: string;
  /** All values, if there are few. */
  readonly values?: readonly string[];
  /** True if a change may widen the rights of the group's agent, so that the agent cannot make it alone. */
  readonly escalates?: true;
};

/** A list or a map: its column has JSON text, and it has commands of its own. */
export type EntryField<Value> = Field<Value> & {
  /** True if a value has the form of this list or map. Does not check its entries. */
  readonly hasForm: (value: unknown) => boolean;
  /** The noun for an entry, followed by the entry's name in a message. */
  readonly noun: string;
};
