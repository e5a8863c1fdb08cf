import { notAppliedIn, type RuntimeInUse } from "../../fields/applied.ts";
import { checkSettings } from "../../fields/check-config.ts";
import type { ConfigProblem, InvalidConfig } from "../../config-error.ts";
import type { Settings } from "../../fields/fields.ts";
import { settingsOf } from "../../config-row.ts";
import type { ContainerConfig, Mount } from "../../container-config.ts";
import { containerJson, type ContainerJson } from "../../container-json.ts";
import { packageFields, type AnyFields, type ConfigFields, type NoFields } from "../../fields/host-fields.ts";
import type { GroupFileError } from "../../group-file-error.ts";
import type { HostFolders } from "../../fields/mount.ts";
import type { Result } from "@gatehouse/std";
import { findMount } from "../find-mount.ts";
import { writeContainerJson } from "./write-container-json.ts";

/** The group that a container starts for. */
export type MaterialisedGroup = { readonly id: string; readonly name: string; readonly folder: string };

/**
 * `fields`: with a host's own fields. `hasMounts`: false for a process, which sees each folder where the host has it;
 * the file then names that path. `runtime`: the file then lists the fields that it, or the provider, does not apply.
 */
export type ViewPlace<Own extends object = NoFields> = HostFolders & {
  readonly fields?: ConfigFields<Own>;
  readonly hasMounts?: boolean;
  readonly runtime?: RuntimeInUse;
};

/** `isOurs`: whether this host may still write for the container, asked right before the rename. */
export type MaterialisePlace<Own extends object = NoFields> = ViewPlace<Own> & {
  readonly groupsDir: string;
  readonly isOurs?: () => Promise<boolean>;
};

/**
 * Makes the content of `container.json` for a container that is about to start. It checks the settings again, because
 * the row may have been changed by hand and a mount's folder replaced by a link.
 */
export const containerView = async <Own extends object = NoFields>(
  config: ContainerConfig & Own,
  group: Pick<MaterialisedGroup, "id" | "name">,
  { fields: given, hasMounts = true, runtime, ...host }: ViewPlace<Own>,
): Promise<Result<ContainerJson, InvalidConfig>> => {
  const fields: AnyFields = given ?? packageFields;
  const checked = checkSettings(settingsOf(config, fields), fields);
  if (!checked.ok) return checked;
  const problems: ConfigProblem[] = [];
  for (const [index, mount] of config.additional_mounts.entries())
    problems.push(...(await problemsOf(mount, index, host)));
  if (problems.length > 0) return { ok: false, error: { code: "invalid-config", problems } };
  const settings = { ...config, ...checked.value };
  const json = containerJson(hasMounts ? settings : withoutMounts(settings), group, fields);
  const idle = runtime === undefined ? [] : notAppliedIn(settings, runtime).map(({ field }) => field);
  return { ok: true, value: idle.length === 0 ? json : { ...json, notApplied: idle } };
};

/** Writes that content into the group's folder. On a problem the file stays as it is. */
export const materialise = async <Own extends object = NoFields>(
  config: ContainerConfig & Own,
  group: MaterialisedGroup,
  { groupsDir, isOurs, ...place }: MaterialisePlace<Own>,
): Promise<Result<"written" | "unchanged", InvalidConfig | GroupFileError>> => {
  const view = await containerView(config, group, place);
  return view.ok ? writeContainerJson({ groupsDir, folder: group.folder }, view.value, isOurs) : view;
};

const withoutMounts = (settings: Settings): Settings => ({
  ...settings,
  additional_mounts: settings.additional_mounts.map((mount) => ({ ...mount, containerPath: mount.hostPath })),
});

const problemsOf = async (
  mount: Mount,
  index: number,
  host: HostFolders,
): Promise<readonly ConfigProblem[]> => {
  const path = `additional_mounts.${index}.hostPath`;
  const found = await findMount(mount, host);
  if (!found.ok) return found.error.problems.map(({ problem }) => ({ path, problem }));
  if (found.value.hostPath === mount.hostPath) return [];
  return [{ path, problem: `leads to ${found.value.hostPath} now: it was no link when it was added` }];
};
