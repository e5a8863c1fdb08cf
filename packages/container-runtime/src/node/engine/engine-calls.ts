import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import { fail, ok, parseJson } from "@gatehouse/std";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import {
  messageOf,
  NoEngine,
  type EngineAnswer,
  type EngineClient,
  type EngineRequest,
} from "./engine-client.ts";
import { installLabel } from "./engine-labels.ts";

/** The state of a container in the engine. */
export type Inspected = {
  readonly name: string;
  /** Docker: `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`; Podman also `initialized`, `stopped`. */
  readonly status: string;
  readonly pid: number;
  readonly exitCode: number;
  readonly labels: Readonly<Record<string, string>>;
  /** When it was made, ms since 1970. */
  readonly createdAt: number;
};

/** The calls of a runtime. They reject with a `NoEngine` if the engine does not answer. */
export type EngineCalls = {
  /** Null if there is no such container. */
  readonly inspect: (id: string) => Promise<Inspected | null>;
  /** The ids of an installation's containers, also of ended ones. */
  readonly list: (install: string) => Promise<readonly string[]>;
  /** The engine's message if it has no network `bridge`; null if it has one. Podman maps the name to its `podman`. */
  readonly missingBridge: () => Promise<string | null>;
  /** Makes a container, and returns its id. */
  readonly create: (name: string, body: object) => Promise<RuntimeResult<string>>;
  readonly start: (id: string) => Promise<RuntimeResult<null>>;
  /** Does nothing if the container has ended. */
  readonly signal: (id: string, signal: "SIGTERM" | "SIGKILL") => Promise<void>;
  /** Removes a container, with its processes. Does nothing if there is none. */
  readonly remove: (id: string) => Promise<void>;
  /** The output that the engine has kept; empty if the container was removed. */
  readonly output: (id: string) => Promise<Output>;
  /** The exit code of a container when it has ended; null if it was removed before. */
  readonly exitCode: (id: string) => Promise<number | null>;
  /** The files of an ended container that are not those of its image. */
  readonly changes: (id: string) => Promise<readonly FileChange[]>;
  /** True for a folder of a container, false for a link to one. */
  readonly isFolder: (id: string, path: string) => Promise<boolean>;
  /** Makes an image of an ended container's files, `repository:tag`, and returns its id. It has no command. */
  readonly commit: (
    id: string,
    name: string,
    labels: Readonly<Record<string, string>>,
  ) => Promise<RuntimeResult<string>>;
};

/** A difference between the files of a container and those of its image. */
export type FileChange = { readonly path: string; readonly kind: "changed" | "added" | "removed" };

/** The kinds of a change, by their numbers in the API. */
const changeKinds = ["changed", "added", "removed"] as const;

/** The output of a container. `all` has both streams in the order in which the engine got them. */
export type Output = { readonly all: Buffer; readonly stderr: Buffer };

const running: ReadonlySet<string> = new Set(["running", "paused", "restarting", "stopping"]);

/** True if a container with this state of the engine runs. */
export const isStateRunning = (state: string): boolean => running.has(state);

/** True if a container with this state of the engine was created and not started. */
export const isStateUnstarted = (state: string): boolean => state === "created" || state === "initialized";

/** True if the engine reports the container as running. Its process may be gone, if its monitor was killed. */
export const saysRunning = ({ status }: Inspected): boolean => isStateRunning(status);

/** True for a container that does not exist. Podman 4.3 answers 500 for a container that was just removed. */
const isGone = ({ status, bytes }: EngineAnswer): boolean =>
  status === 404 ||
  (status === 500 && /no such container|does not exist|container not known/i.test(messageOf(bytes)));

export const engineCalls = (client: EngineClient): EngineCalls => ({
  inspect: async (id) => {
    const answer = await patient(client, { method: "GET", path: `/containers/${id}/json` });
    if (isGone(answer)) return null;
    return inspectedIn(jsonOf(answer));
  },
  list: async (install) => {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${installLabel}=${install}`] }));
    const listed = { method: "GET", path: `/containers/json?all=true&filters=${filters}` } as const;
    const removed = new Set<string>();
    for (;;) {
      const answer = await patient(client, listed, () => false);
      const half = halfRemovedIn(answer);
      if (half === null || removed.has(half))
        return (jsonOf(answer) as readonly { readonly Id: string }[]).map(({ Id }) => Id);
      removed.add(half);
      await patient(client, removalOf(half));
    }
  },
  missingBridge: async () => {
    const answer = await client.call({ method: "GET", path: "/networks/bridge" });
    return isDone(answer) ? null : messageOf(answer.bytes);
  },
  create: async (name, body) => {
    const path = `/containers/create?name=${encodeURIComponent(name)}`;
    const answer = await client.call({ method: "POST", path, body });
    if (answer.status !== 201) return fail(startError(answer));
    return ok((jsonOf(answer) as { readonly Id: string }).Id);
  },
  start: async (id) => {
    const answer = await client.call({ method: "POST", path: `/containers/${id}/start` });
    return isDone(answer) ? ok(null) : fail(startError(answer));
  },
  signal: async (id, signal) => {
    const answer = await client.call({ method: "POST", path: `/containers/${id}/kill?signal=${signal}` });
    // A signal for an ended container is refused with 409, by Podman with 500.
    if (!isDone(answer) && ![404, 409, 500].includes(answer.status)) throw unexpected(answer);
  },
  remove: async (id) => {
    const answer = await patient(client, removalOf(id));
    // Another host may be removing it: 409.
    if (!isDone(answer) && !isGone(answer) && answer.status !== 409) throw unexpected(answer);
  },
  output: async (id) => {
    // No `tail`: with it, Podman 4.3.1 returns nothing if the last line has no newline. The log's size is limited.
    const answer = await client.call({
      method: "GET",
      path: `/containers/${id}/logs?stderr=true&stdout=true`,
    });
    return outputIn(answer.status === 200 ? answer.bytes : Buffer.alloc(0));
  },
  exitCode: async (id) => {
    const answer = await client.call({ method: "POST", path: `/containers/${id}/wait` });
    // The wait fails if the container is removed during it.
    if (!isDone(answer)) return null;
    return (jsonOf(answer) as { readonly StatusCode: number }).StatusCode;
  },
  changes: async (id) => {
    const answer = await patient(client, { method: "GET", path: `/containers/${id}/changes` });
    // Docker answers `null` if nothing has changed.
    const listed = parseJson(answer.bytes.toString("utf8")) as readonly Changed[] | null;
    if (!isDone(answer)) throw unexpected(answer);
    return (listed ?? []).map(({ Path, Kind }) => ({ path: Path, kind: changeKinds[Kind] ?? "changed" }));
  },
  isFolder: async (id, path) => {
    const query = new URLSearchParams({ path });
    const answer = await patient(client, { method: "HEAD", path: `/containers/${id}/archive?${query}` });
    return isDone(answer) && isFolderIn(answer.headers["x-docker-container-path-stat"], path);
  },
  commit: async (id, name, labels) => {
    const [repo = "", tag = ""] = name.split(":");
    const query = new URLSearchParams({ container: id, repo, tag });
    const lines = Object.entries(labels).map(([label, value]) => `LABEL ${label}=${JSON.stringify(value)}`);
    for (const line of ["ENTRYPOINT []", ...lines]) query.append("changes", line);
    // Podman 4.3.1 needs a body.
    const answer = await client.call({ method: "POST", path: `/commit?${query}`, body: {} });
    if (!isDone(answer)) return fail({ code: "build-failed", message: messageOf(answer.bytes) });
    return ok((jsonOf(answer) as { readonly Id: string }).Id);
  },
});

/** The facts about a path in an answer: base64 of JSON, with the mode as Go writes it. */
const isFolderIn = (facts: string | readonly string[] | undefined, path: string): boolean => {
  const text = Buffer.from(typeof facts === "string" ? facts : "", "base64").toString("utf8");
  const { mode = 0, linkTarget = "" } = (parseJson(text) ?? {}) as {
    readonly mode?: number;
    readonly linkTarget?: string;
  };
  // Podman resolves a link, and names the path itself for what is none.
  return Math.floor(mode / 2 ** 31) === 1 && (linkTarget === "" || linkTarget === path);
};

type Changed = { readonly Path: string; readonly Kind: number };

const removalOf = (id: string): EngineRequest => ({
  method: "DELETE",
  path: `/containers/${id}?force=true&v=true`,
});

/**
 * The id of a container that Podman has and its storage does not: Podman was killed while it removed the container.
 * Podman 4.3.1 then answers 500 to every list with that container, until it is removed again. Our list has only our
 * containers, so removing it is safe. The same answer comes for a moment while a container is being removed.
 */
const halfRemovedIn = ({ status, bytes }: EngineAnswer): string | null => {
  const words = /container from store "([\da-f]{64})": container not known/;
  return status === 500 ? (words.exec(messageOf(bytes))?.[1] ?? null) : null;
};

/** Maximum tries of a call that answers 500, and the pause between two, ms. */
const [mostTries, pauseMs] = [5, 100];

/**
 * Repeats a call that answers 500. Podman 4.3.1 answers 500 while a container ends
 * (`read /proc/7419/cgroup: no such process`), and to the first removal of a container whose monitor was killed.
 */
const patient = async (
  client: EngineClient,
  asked: EngineRequest,
  isFinal: (answer: EngineAnswer) => boolean = isGone,
): Promise<EngineAnswer> => {
  for (let left = mostTries; ; left -= 1) {
    const answer = await client.call(asked);
    if (answer.status !== 500 || isFinal(answer) || left <= 1) return answer;
    await pause(pauseMs);
  }
};

const isDone = ({ status }: EngineAnswer): boolean => (status >= 200 && status < 300) || status === 304;

const unexpected = ({ status, bytes }: EngineAnswer): NoEngine =>
  new NoEngine(`The engine answers ${status}: ${messageOf(bytes)}`);

const startError = ({ status, bytes }: EngineAnswer): RuntimeError => {
  const message = messageOf(bytes);
  return /no such image|image not known/i.test(message)
    ? { code: "image-missing", message: `The image does not exist (${message}).`, fix: "Build the image." }
    : { code: "spawn-failed", message: `The engine refuses the container (${status}): ${message}` };
};

const jsonOf = (answer: EngineAnswer): unknown => {
  if (!isDone(answer)) throw unexpected(answer);
  const json = parseJson(answer.bytes.toString("utf8"));
  if (typeof json !== "object" || json === null) throw unexpected(answer);
  return json;
};

const inspectedIn = (json: unknown): Inspected => {
  const { Name, State, Config, Created } = json as {
    readonly Name: string;
    readonly State: { readonly Status: string; readonly Pid: number; readonly ExitCode: number };
    readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
    readonly Created: string;
  };
  return {
    // Docker's names begin with a slash.
    name: Name.replace(/^\//, ""),
    status: State.Status,
    pid: State.Pid,
    exitCode: State.ExitCode,
    labels: Config.Labels ?? {},
    createdAt: Date.parse(Created),
  };
};

const headerBytes = 8;

/** Output without a terminal comes in frames: a byte for the stream (2 is stderr), three of zero, four for the length. */
export const outputIn = (bytes: Buffer): Output => {
  const parts: { readonly isError: boolean; readonly part: Buffer }[] = [];
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    const part = bytes.subarray(at + headerBytes, at + headerBytes + length);
    parts.push({ isError: bytes[at] === 2, part });
    at += headerBytes + length;
  }
  return {
    all: Buffer.concat(parts.map(({ part }) => part)),
    stderr: Buffer.concat(parts.flatMap(({ isError, part }) => (isError ? [part] : []))),
  };
};
