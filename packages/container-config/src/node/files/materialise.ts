import { checkSettings } from "../../fields/check-config.ts";
import type { ConfigProblem, GroupFileError, InvalidConfig } from "../../config-error.ts";
import type { Settings } from "../../fields/fields.ts";
import { settingsOf } from "../../config-row.ts";
import type { ContainerConfig, Mount } from "../../container-config.ts";
import { containerJson, type ContainerJson } from "../../container-json.ts";
import type { HostFolders } from "../../fields/mount.ts";
import type { Result } from "@gatehouse/std";
import { findMount, type MountRule } from "../find-mount.ts";
import { writeContainerJson } from "./write-container-json.ts";

/** The group of a container. */
export type MaterialisedGroup = { readonly id: string; readonly name: string; readonly folder: string };

/**
 * `hasMounts`: false for a process, which sees each folder at its host path; the file then names that path.
 * `notApplied`: fields that have no effect in this container, which the file then lists. `mountRule`: the host's own rule for mounts, applied again before each start.
 */
export type ViewPlace = HostFolders & {
  readonly hasMounts?: boolean;
  readonly notApplied?: readonly (keyof Settings)[];
  readonly mountRule?: MountRule;
};

/** `isOurs` returns true if this host may still write for the container. Called right before the rename. */
export type MaterialisePlace = ViewPlace & {
  readonly groupsDir: string;
  readonly isOurs?: () => Promise<boolean>;
};

/**
 * Makes the content of `container.json` for a container that is about to start. It checks the settings again,
 * because the row may have been changed by hand and a mount's folder replaced by a link.
 */
export const containerView = async (
  config: ContainerConfig,
  group: Pick<MaterialisedGroup, "id" | "name">,
  { hasMounts = true, notApplied = [], mountRule, ...host }: ViewPlace,
): Promise<Result<ContainerJson, InvalidConfig>> => {
  const checked = checkSettings(settingsOf(config));
  if (!checked.ok) return checked;
  const problems: ConfigProblem[] = [];
  for (const [index, mount] of config.additional_mounts.entries())
    problems.push(...(await problemsOf(mount, index, { host, mountRule })));
  if (problems.length > 0) return { ok: false, error: { code: "invalid-config", problems } };
  const settings = { ...config, ...checked.value };
  const json = containerJson(hasMounts ? settings : withoutMounts(settings), group);
  return { ok: true, value: notApplied.length === 0 ? json : { ...json, notApplied } };
};

/** Writes the content of `containerView` into the group's folder. On a problem the file does not change. */
export const materialise = async (
  config: ContainerConfig,
  group: MaterialisedGroup,
  { groupsDir, isOurs, ...place }: MaterialisePlace,
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
  { host, mountRule }: { readonly host: HostFolders; readonly mountRule: MountRule | undefined },
): Promise<readonly ConfigProblem[]> => {
  const path = `additional_mounts.${index}.hostPath`;
  const found = await findMount(mount, host, mountRule);
  if (!found.ok) return found.error.problems.map(({ problem }) => ({ path, problem }));
  if (found.value.hostPath !== mount.hostPath)
    return [{ path, problem: `leads to ${found.value.hostPath} now: it was no link when it was added` }];
  const isNarrower = (found.value.readonly ?? true) !== (mount.readonly ?? true);
  return isNarrower ? [{ path, problem: "may be mounted read-only" }] : [];
};
