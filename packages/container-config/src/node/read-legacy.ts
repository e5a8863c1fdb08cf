import type { InvalidConfig } from "../config-error.ts";
import type { HostFolders } from "../fields/mount.ts";
import { parseLegacyConfig, parseLegacyRow, type LegacyConfig } from "../legacy/legacy-config.ts";
import type { Result } from "@gatehouse/std";
import { legacyMounts, type MountRule } from "./find-mount.ts";

/** The host that takes a legacy configuration over: its folders, and its rule for mounts. */
export type LegacyHost = HostFolders & { readonly mountRule?: MountRule };

/**
 * Reads a row of a legacy `container_configs`. Keeps valid values, and reports each invalid entry. Checks its mounts
 * against this host.
 */
export const readLegacyRow = (
  row: Readonly<Record<string, unknown>>,
  host: LegacyHost,
): Promise<LegacyConfig> => withFoundMounts(parseLegacyRow(row, host.home), host);

/** Reads the text of a legacy `container.json` in the same way: the group's agent may have written it. */
export const readLegacyText = async (
  text: string,
  groupId: string,
  host: LegacyHost,
): Promise<Result<LegacyConfig, InvalidConfig>> => {
  const read = parseLegacyConfig(text, host.home, groupId);
  return read.ok ? { ok: true, value: await withFoundMounts(read.value, host) } : read;
};

const withFoundMounts = async (
  read: LegacyConfig,
  { mountRule, ...folders }: LegacyHost,
): Promise<LegacyConfig> => {
  const { settings, refused } = read;
  if (settings.additional_mounts === undefined) return read;
  const found = await legacyMounts(settings.additional_mounts, folders, mountRule);
  return {
    ...read,
    settings: { ...settings, additional_mounts: found.mounts },
    refused: [...refused, ...found.refused],
  };
};
