import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@gatehouse/std";
import { chooseForFolder } from "./choose-place.ts";
import type { RuntimeFlags } from "./chosen-place.ts";
import { factsOf, placeFacts } from "./facts.ts";

/** The result of the containers check of `gatehouse doctor`. */
export type ContainersCheck = {
  /** `sandbox` where agents run in sandboxes. */
  readonly name: "containers" | "sandbox";
  /** True if agents have the CLIs of their image; false if they have those of the machine. */
  readonly hasImage: boolean;
  /** The version of gatehouse that built this image; null without one. */
  readonly imageVersion: string | null;
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
  /** True if agents reach more than the host, although their groups do not say so. */
  readonly isUnlimited?: boolean;
};

/**
 * Starts a container with the settings of an agent's container, a sandbox or a Pod, and waits for its end. Returns null without
 * a container if the data folder has no group and no runtime is named: people who use no host need no isolation.
 */
export const checkContainers = async (
  flags: RuntimeFlags,
  env: Environment,
  { version, dataDir }: { readonly version: string; readonly dataDir: string },
): Promise<ContainersCheck | null> => {
  const chosen = await chooseForFolder(flags, env, version, dataDir);
  const isHost = flags.runtime !== undefined || existsSync(join(dataDir, "groups"));
  if (!chosen.ok) {
    const isEngine = chosen.error.code !== "no-isolation";
    const name = nameOf(factsOf(flags.runtime ?? "")?.isolation);
    return isEngine || isHost
      ? { name, hasImage: isEngine, imageVersion: null, ok: false, ...chosen.error }
      : null;
  }
  const { imageVersion, notes, problem, tryStart } = chosen.value;
  const { isolation } = placeFacts[chosen.value.name];
  const hasImage = isolation === "container";
  const of = { name: nameOf(isolation), hasImage, imageVersion };
  if (!hasImage && !isHost) return null;
  if ((await problem()) !== null) return { ...of, ok: false, message: notes.join(" ") };
  const { said, ...tried } = await tryStart();
  return { ...of, ...tried, message: [said, ...notes].join(" ").trim() };
};

const nameOf = (isolation: string | undefined): ContainersCheck["name"] =>
  isolation === "sandbox" ? "sandbox" : "containers";
