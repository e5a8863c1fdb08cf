import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, type FileHandle } from "node:fs/promises";
import process from "node:process";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { Mount } from "../../workload-spec.ts";
import { missing } from "../process/start-problem.ts";

/** The file that a container must find at a target: its device and number, as `stat -c %d:%i` prints them. */
export type MountIdentity = { readonly target: string; readonly identity: string };

/**
 * The sources of mounts, held by a handle each. An engine follows a path later, and in its own way, so a source could be
 * exchanged before it does. It cannot mount a handle either: runc refuses `/proc/PID/fd/N` (EINVAL, Docker 20.10.24 and
 * Podman 4.3.1), because that is of another mount namespace. So the container itself compares what it got, before its
 * program runs.
 */
export type HeldMounts = {
  /** Empty on a system without `/proc`, whose engine runs in a virtual machine with other numbers. */
  readonly identities: readonly MountIdentity[];
  /** To be called once the container has its mounts: a number can be given to another file after this. */
  readonly release: () => Promise<void>;
};

/** Holds the sources of these mounts. Fails if one is missing, is a link, or is reached through one though it is real. */
export const holdMounts = async (mounts: readonly Mount[]): Promise<RuntimeResult<HeldMounts>> => {
  const handles: FileHandle[] = [];
  const release = async (): Promise<void> => {
    for (const handle of handles) await handle.close();
  };
  const identities: MountIdentity[] = [];
  for (const mount of mounts) {
    const looked = await (process.platform === "linux" ? held(mount, handles) : seen(mount));
    if (!looked.ok) {
      await release();
      return looked;
    }
    if (looked.value !== null) identities.push({ target: mount.target, identity: looked.value });
  }
  return ok({ identities, release });
};

/** A handle that opens nothing, neither a device nor a socket (open(2)). Node has no name for it. */
const pathOnly = 0o10_000_000;

type Looked = Result<string | null, RuntimeError>;

const held = async ({ source, isReal = false }: Mount, handles: FileHandle[]): Promise<Looked> => {
  try {
    const handle = await open(source, pathOnly | constants.O_NOFOLLOW);
    handles.push(handle);
    const found = await handle.stat({ bigint: true });
    if (!isMountable(found)) return fail(missing(source));
    const real = isReal ? await readlink(`/proc/self/fd/${handle.fd}`) : source;
    return real === source ? ok(`${found.dev}:${found.ino}`) : fail(elsewhere(source, real));
  } catch (error) {
    systemCode(error);
    return fail(missing(source));
  }
};

const seen = async ({ source }: Mount): Promise<Looked> => {
  try {
    return isMountable(await lstat(source)) ? ok(null) : fail(missing(source));
  } catch (error) {
    systemCode(error);
    return fail(missing(source));
  }
};

/** A folder, a plain file or a socket; not a link. */
const isMountable = (found: Pick<Stats, "isDirectory" | "isFile" | "isSocket">): boolean =>
  found.isDirectory() || found.isFile() || found.isSocket();

const elsewhere = (source: string, real: string): RuntimeError => ({
  code: "mount-missing",
  message: `${source} leads to ${real} now.`,
  fix: "Mount the folder by its real path.",
});
