import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";

/**
 * Maximum processes of an account, over all its containers: more than Linux has numbers for, so that no container counts
 * the processes of another one. An engine without CAP_SYS_RESOURCE can set no more than its own limit, which Podman 4.3.1
 * lowers to 32,768.
 */
const limits: readonly number[] = [4_194_304, 32_768, 4_096];

/** The limits that an engine may accept. The first of them is removed if the engine refuses it. */
export const processLimits = (): number[] => [...limits];

/** Starts with the first limit that the engine accepts. */
export const startWithin = async <T>(
  accepted: number[],
  start: (processes: number) => Promise<RuntimeResult<T>>,
): Promise<RuntimeResult<T>> => {
  for (;;) {
    const [processes = 0] = accepted;
    const started = await start(processes);
    if (started.ok || accepted.length <= 1 || !isRefused(started.error)) return started;
    // Another start may have removed it already.
    if (accepted[0] === processes) accepted.shift();
  }
};

/** True for the error of runc, which numbers the limit of processes 6, and of crun. */
const isRefused = ({ message }: RuntimeError): boolean => /rlimit type 6\b|RLIMIT_NPROC/.test(message);
