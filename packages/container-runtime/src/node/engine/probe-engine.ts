import type { Ability, Cannot } from "../../check-spec.ts";
import type { RuntimeResult } from "../../runtime-result.ts";
import { askEngine } from "./engine-client.ts";

/** An engine's description of itself. */
export type EngineFacts = {
  /** `docker` or `podman`. */
  readonly name: string;
  readonly version: string;
  readonly cannot: Cannot;
  /** Podman runs without root, and so as the host's account. */
  readonly isRootlessPodman: boolean;
  /** Warnings for the operator before agents run there, a sentence each. */
  readonly warnings: readonly string[];
};

/** Asks the engine at a socket for its name, version and abilities. The error says why it does not answer. */
export const probeEngine = (socketPath: string): Promise<RuntimeResult<EngineFacts>> =>
  askEngine(socketPath, async (one) => {
    const [version, info] = await Promise.all(
      ["/version", "/info"].map((path) => one({ method: "GET", path })),
    );
    return engineFactsIn(version as Version, info as Info);
  });

type Version = {
  readonly Version?: string;
  readonly Components?: readonly { readonly Name?: string; readonly Version?: string }[];
};

type Info = {
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly LiveRestoreEnabled?: boolean;
  /** Podman alone (4.3.1). Docker names it among its security options. */
  readonly Rootless?: boolean;
  /** The storage driver. */
  readonly Driver?: string;
  readonly SecurityOptions?: readonly string[] | null;
};

/** Reads the answers to `/version` and `/info` (API 1.41; seen with Docker 20.10.24 and Podman 4.3.1). */
export const engineFactsIn = (version: Version, info: Info): EngineFacts => {
  const isPodman = version.Components?.some(({ Name }) => Name === "Podman Engine") === true;
  const isRootless =
    info.Rootless === true || info.SecurityOptions?.some((option) => option.includes("rootless")) === true;
  const lacks: readonly (readonly [Ability, boolean])[] = [
    ["memoryMb", info.MemoryLimit === false],
    ["pids", info.PidsLimit === false],
    ["cpus", info.CpuCfsQuota === false],
  ];
  const reason = "The engine cannot limit it on this machine.";
  return {
    name: isPodman ? "podman" : "docker",
    version: version.Version ?? "unknown",
    cannot: Object.fromEntries(
      lacks.flatMap(([ability, isLacking]) => (isLacking ? [[ability, reason]] : [])),
    ),
    isRootlessPodman: isPodman && isRootless,
    warnings: [
      ...(isRootless ? ["The engine runs without root: limits may not hold (cgroup v1)."] : []),
      // With Podman 4.3.1 a start takes 15 s and 1.8 GB.
      ...(info.Driver === "vfs"
        ? [
            "The engine copies the whole image for each container, because its storage driver is vfs: install fuse-overlayfs, then podman system reset.",
          ]
        : []),
      // Podman's containers do not depend on its service.
      ...(!isPodman && info.LiveRestoreEnabled !== true
        ? ["Docker runs without live-restore: a restart of Docker ends every agent."]
        : []),
    ],
  };
};
