import type { ContainerConfig, Entries, Scalars } from "./container-config.ts";
import { entryNames, fieldNames, scalarNames, type Settings } from "./fields.ts";
import type { ContainerConfigRow } from "./tables.ts";

type Columns = Omit<ContainerConfigRow, "agent_group_id" | "generation" | "updated_at">;

/** Settings as columns: lists and maps become JSON text. */
export const toColumns = (settings: Settings): Columns =>
  ({ ...valuesOf(settings, scalarNames), ...entriesOf(settings, JSON.stringify) }) as Columns;

/** What a row says. */
export const fromRow = (row: ContainerConfigRow): ContainerConfig => {
  const { agent_group_id, generation, updated_at } = row;
  const scalars = valuesOf(row, scalarNames) as Scalars;
  return { ...scalars, ...(entriesOf(row, parse) as Entries), agent_group_id, generation, updated_at };
};

/** The part of a configuration that can be changed. */
export const settingsOf = (config: Settings): Settings => valuesOf(config, fieldNames) as Settings;

const valuesOf = <Name extends string>(from: Readonly<Record<Name, unknown>>, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, from[name]]));

const entriesOf = <Value>(
  from: Readonly<Record<keyof Entries, Value>>,
  change: (value: Value) => unknown,
): object => Object.fromEntries(entryNames.map((name) => [name, change(from[name])]));

const parse = (json: string): unknown => JSON.parse(json);
