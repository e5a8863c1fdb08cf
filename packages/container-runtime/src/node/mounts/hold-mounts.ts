import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, type FileHandle } from "node:fs/promises";
import process from "node:process";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { MountIdentity } from "../../begin-command.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { Mount } from "../../workload-spec.ts";
import { missing } from "../process/start-problem.ts";

/**
 * The sources of mounts, each held open by a handle. An engine resolves a path later, so another program could exchange
 * the source before that. An engine cannot mount a handle: runc refuses `/proc/PID/fd/N` of another mount namespace
 * (EINVAL, Docker 20.10.24 and Podman 4.3.1). So the container compares its mounts before its program runs.
 */
export type HeldMounts = {
  /** Empty on a system without `/proc`, whose engine runs in a virtual machine with other numbers. */
  readonly identities: readonly MountIdentity[];
  /** Call it when the container has its mounts. After it, the inode's number may be reused for another file. */
  readonly release: () => Promise<void>;
};

/** Holds the sources of these mounts. Refuses a missing source, a link, and an `isReal` source behind a link. */
export const holdMounts = async (mounts: readonly Mount[]): Promise<RuntimeResult<HeldMounts>> => {
  const handles: FileHandle[] = [];
  const release = async (): Promise<void> => {
    for (const handle of handles) await handle.close();
  };
  const identities: MountIdentity[] = [];
  for (const mount of mounts) {
    const found = await (process.platform === "linux" ? hold(mount, handles) : check(mount));
    if (!found.ok) {
      await release();
      return found;
    }
    if (found.value !== null) identities.push({ target: mount.target, identity: found.value });
  }
  return ok({ identities, release });
};

/** O_PATH of open(2): a handle that does not open the file, device or socket itself. Node has no name for it. */
const pathOnly = 0o10_000_000;

/** The identity of a mount's source; null off Linux. */
type Identity = Result<string | null, RuntimeError>;

const hold = async ({ source, isReal = false }: Mount, handles: FileHandle[]): Promise<Identity> => {
  try {
    const handle = await open(source, pathOnly | constants.O_NOFOLLOW);
    handles.push(handle);
    const found = await handle.stat({ bigint: true });
    if (!isMountable(found)) return fail(missing(source));
    const real = isReal ? await readlink(`/proc/self/fd/${handle.fd}`) : source;
    return real === source ? ok(`${found.dev}:${found.ino}`) : fail(notReal(source, real));
  } catch (error) {
    systemCode(error);
    return fail(missing(source));
  }
};

const check = async ({ source }: Mount): Promise<Identity> => {
  try {
    return isMountable(await lstat(source)) ? ok(null) : fail(missing(source));
  } catch (error) {
    systemCode(error);
    return fail(missing(source));
  }
};

/** True for a folder, a plain file or a socket; false for a link. */
const isMountable = (found: Pick<Stats, "isDirectory" | "isFile" | "isSocket">): boolean =>
  found.isDirectory() || found.isFile() || found.isSocket();

const notReal = (source: string, real: string): RuntimeError => ({
  code: "mount-missing",
  message: `${source} is reached through a link, and its real path is ${real}.`,
  fix: "Mount the folder by its real path.",
});
