import { fail, visible } from "@gatehouse/std";
import type { RuntimeError, RuntimeResult } from "../runtime-result.ts";
import { limitsOf } from "./engine/create-body.ts";
import { type EngineCalls, engineCalls, type FileChange } from "./engine/engine-calls.ts";
import { engineClient, NoEngine } from "./engine/engine-client.ts";
import { installLabel } from "./engine/engine-labels.ts";
import { processLimits, startWithin } from "./engine/process-limits.ts";
import { nameScript } from "./engine/script-names.ts";
import { networkProblem } from "./engine/start-container.ts";
import { failed } from "./images.ts";

/** An image to make from another one, by a script whose programs are not trusted. */
export type ImageExtension = {
  /** The Unix socket of the engine's API. */
  readonly socketPath: string;
  /** The installation whose hosts remove the script's container, if the process that started it has ended. */
  readonly install: string;
  /** The id of the image to extend. It has `sh`, and coreutils and util-linux. */
  readonly base: string;
  /** The new image's name, `repository:tag`. An image with this name loses it. */
  readonly name: string;
  /** Runs as root, with `env` and the programs of the base. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Labels of the image, besides those of the base. */
  readonly labels: Readonly<Record<string, string>>;
  /** True if the script may make this change of the base. Another change refuses the image. */
  readonly mayChange: (change: FileChange) => boolean;
  /** Called with the script's output, at its end. */
  readonly onOutput: (text: string) => void;
  /** The time limit of the script, seconds. It holds in the container, so also after the end of this process. */
  readonly mostSeconds: number;
  /** Ends the script. */
  readonly signal: AbortSignal;
};

/**
 * Extends an image: runs the script in a container, compares its files with the base, and makes an image of them. The
 * script has the engine's bridge network, and of root's capabilities only those that apt needs. A container can be ended
 * and found by its name; a build of the engine's API goes on without its caller, in Podman 4.3.1.
 */
export const extendImage = async (extension: ImageExtension): Promise<RuntimeResult<string>> => {
  const { socketPath, signal, mostSeconds } = extension;
  if (signal.aborted) return failed(wasEnded);
  const client = engineClient(socketPath, (mostSeconds + spareSeconds) * 1000);
  const calls = engineCalls(client);
  const { name, release } = nameScript();
  try {
    const bridge = await calls.missingBridge();
    if (bridge !== null) return fail(noBridge(bridge));
    return await startWithin(processLimits(), async (processes) => {
      const made = await calls.create(name, bodyOf(extension, processes));
      return made.ok ? runIn(made.value, calls, extension) : made;
    });
  } catch (error) {
    if (!(error instanceof NoEngine)) throw error;
    return fail({ code: "runtime-unavailable", message: error.message });
  } finally {
    release();
    client.close();
  }
};

/** Runs the script in its container, and removes the container. */
const runIn = async (
  id: string,
  calls: EngineCalls,
  extension: ImageExtension,
): Promise<RuntimeResult<string>> => {
  const { signal } = extension;
  let removal: Promise<void> | null = null;
  const remove = (): Promise<void> => (removal ??= calls.remove(id));
  // The error of a failed removal is that of the build.
  const end = (): void => void remove().catch(() => {});
  try {
    const begun = signal.aborted ? failed(wasEnded) : await calls.start(id);
    if (!begun.ok) return fail(networkProblem(begun.error, { network: "open" }));
    if (signal.aborted) return failed(wasEnded);
    // Not before: Podman 4.3.1 may fail to remove a container that it starts.
    signal.addEventListener("abort", end, { once: true });
    const code = await calls.exitCode(id);
    if (signal.aborted || code === null) return failed(wasEnded);
    extension.onOutput((await calls.output(id)).all.toString("utf8"));
    return await imageOf(id, code, calls, extension);
  } finally {
    signal.removeEventListener("abort", end);
    await remove();
  }
};

/** Makes the image of an ended container, if its script has done what it may. */
const imageOf = async (
  id: string,
  code: number,
  calls: EngineCalls,
  { name, labels, mayChange, mostSeconds }: ImageExtension,
): Promise<RuntimeResult<string>> => {
  if (code === killed) return failed(`The build took longer than ${mostSeconds} s.`);
  if (code !== 0) return failed(`The build ended with ${code}.`);
  for (const { kind, path } of await calls.changes(id))
    // A folder counts as changed if an entry in it has changed, and each entry is listed. An empty one changes nothing.
    if (!mayChange({ kind, path }) && !(kind !== "removed" && (await calls.isFolder(id, path))))
      return failed(`The build ${kind} ${shown(path)}, which no package may do.`);
  const made = await calls.commit(id, name, labels);
  return made.ok ? made : failed(made.error.message);
};

/** The end of a path, which the script has chosen. */
const shown = (path: string): string => visible(path.length > mostPath ? `…${path.slice(-mostPath)}` : path);

/** UTF-16 units. */
const mostPath = 200;

/**
 * The capabilities that apt needs: to give files to accounts, and to fetch as an account without rights. SETPCAP is for
 * the beginning alone.
 */
const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETPCAP", "SETUID"];

/**
 * The time limit is the container's first process, which the script cannot stop: it gets no signal of its container, and
 * has a capability more than the script, so it cannot be traced. All other processes end with it.
 */
const commandOf = ({ script, mostSeconds }: ImageExtension): readonly string[] => [
  ...["timeout", "-s", "KILL", String(mostSeconds)],
  ...["setpriv", "--bounding-set=-setpcap", "--inh-caps=-all", "/bin/sh", "-c", script],
];

const bodyOf = (extension: ImageExtension, processes: number): object => ({
  Image: extension.base,
  Entrypoint: commandOf(extension),
  Cmd: [],
  Healthcheck: { Test: ["NONE"] },
  Env: Object.entries(extension.env).map(([name, value]) => `${name}=${value}`),
  WorkingDir: "/",
  User: "0:0",
  Labels: { [installLabel]: extension.install },
  HostConfig: {
    NetworkMode: "bridge",
    CapDrop: ["ALL"],
    CapAdd: capabilities,
    SecurityOpt: ["no-new-privileges"],
    ...limitsOf({ pids: null, memoryMb: null, processes }, {}),
    RestartPolicy: { Name: "no" },
    LogConfig: { Type: "json-file", Config: { "max-size": "4m" } },
  },
});

/** Time for the engine's own work, besides the script, seconds. */
const spareSeconds = 60;

/** The exit code after SIGKILL. */
const killed = 137;

const wasEnded = "The build was ended.";

const noBridge = (reason: string): RuntimeError => ({
  code: "build-failed",
  message: `The engine has no bridge network for a build: ${reason.trim().replace(/[.]?$/, ".")}`,
  fix: "Repair the engine's network.",
});
