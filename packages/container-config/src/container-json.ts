import { fieldNames, fields, type Settings } from "./fields/fields.ts";

/**
 * The content of `container.json`, which the agent runner in a container reads at its start: each set field, by the
 * key of its row.
 */
export type ContainerJson = {
  readonly agentGroupId: string;
  readonly groupName: string;
  /** The group's name if the configuration has none. */
  readonly assistantName: string;
  /**
   * Set fields that have no effect in this container, by their configuration names; left out if there are
   * none.
   */
  readonly notApplied?: readonly string[];
  readonly [key: string]: unknown;
};

/**
 * Makes the content of `container.json`. Fields that only the host enforces, such as the CLI scope, are left
 * out.
 */
export const containerJson = (
  config: Settings,
  group: { readonly id: string; readonly name: string },
): ContainerJson => {
  const file: Record<string, unknown> = {
    agentGroupId: group.id,
    groupName: group.name,
    assistantName: group.name,
  };
  for (const name of fieldNames) put(file, fields[name].file, config[name]);
  return file as ContainerJson;
};

/** Sets `file[place]`, or for `outer.key` the key within `file.outer`. */
const put = (file: Record<string, unknown>, place: string | null, value: unknown): void => {
  if (place === null || value === null) return;
  const [first = "", second] = place.split(".");
  file[first] = second === undefined ? value : { ...(file[first] as object | undefined), [second]: value };
};
