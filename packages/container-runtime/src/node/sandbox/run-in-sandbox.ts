import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { fail, ok, type Environment } from "@gatehouse/std";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { sandboxCommand } from "../../sandbox-command.ts";
import type { Mount } from "../../workload-spec.ts";
import { userOf } from "../process/account.ts";
import { findPrograms } from "./probe-sandbox.ts";

/** A script to run in a sandbox: it writes in one folder, and nowhere else. */
export type SandboxScript = {
  /** Names it in an error. */
  readonly what: string;
  /** `none`: a loopback of its own, and nothing else. */
  readonly network: "open" | "none";
  /** For `/bin/sh`. */
  readonly script: string;
  /** The whole environment, besides PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder to write in. It is given to the account of sandboxes. */
  readonly folder: string;
  /** The path of the folder in the sandbox. */
  readonly target: string;
  /** Further mounts. */
  readonly mounts: readonly Mount[];
  /** The time limit, seconds. */
  readonly mostSeconds: number;
  /** Ends the script. */
  readonly signal: AbortSignal;
  /** Called with pieces of the script's output, as they come. */
  readonly onOutput: (text: string) => void;
  /** The host's environment, whose PATH has bubblewrap. */
  readonly hostEnv?: Environment;
};

/**
 * Runs a script in a sandbox, as the account of sandboxes, and waits for its end. All of it ends with this process, after
 * the time limit, and by the signal.
 */
export const runInSandbox = async (it: SandboxScript): Promise<RuntimeResult<null>> => {
  const { what, folder, target, network, signal, mostSeconds } = it;
  const wasEnded = `${what} was ended.`;
  if (signal.aborted) return fail(failed(wasEnded));
  const user = await userOf(null);
  if (!user.ok) return user;
  const programs = await findPrograms(user.value, it.hostEnv);
  if (!programs.ok) return programs;
  if (programs.value.switchTo !== null) await chown(folder, user.value.uid, user.value.gid);
  const command = sandboxCommand({
    ...programs.value,
    placed: [],
    identities: [],
    endsWithStarter: true,
    spec: {
      command: ["/bin/sh", "-c", it.script],
      folder: target,
      mounts: [{ source: folder, target, isReadOnly: false }, ...it.mounts],
      network,
      pids: null,
    },
  });
  const ended = await run(command, it);
  if (signal.aborted) return fail(failed(wasEnded));
  if (ended.isLate) return fail(failed(`${what} took longer than ${mostSeconds} s.`));
  return ended.why === null ? ok(null) : fail(failed(`${what} ended with ${ended.why}.`));
};

/** `why`: the exit code or the signal; null for success. */
type Ended = { readonly why: string | null; readonly isLate: boolean };

const run = (
  [program, ...args]: readonly [string, ...string[]],
  { env, signal, mostSeconds, onOutput }: SandboxScript,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        cwd: "/",
        timeout: mostSeconds * 1_000,
        // The end of the first process ends the sandbox.
        killSignal: "SIGKILL",
        maxBuffer: mostOutput,
        env: { ...env, PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
      },
      (error) => {
        signal.removeEventListener("abort", end);
        const why = error === null ? null : String(error.code ?? error.signal ?? error.message);
        resolve({ why, isLate: error?.killed === true && why === "SIGKILL" });
      },
    );
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => onOutput(text));
    const end = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", end, { once: true });
  });

/** The output after which a script is ended, bytes. */
const mostOutput = 16 * 1024 * 1024;

const failed = (message: string): RuntimeError => ({ code: "build-failed", message });
