import { Buffer } from "node:buffer";
import { Agent as HttpAgent, request as requestByHttp, type IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { setTimeout as after } from "node:timers/promises";
import { backoff, fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Credentials } from "./exec-plugin.ts";
import type { KubeAccess, KubeError } from "./kube-config.ts";

export type KubeRequest = {
  /** A PATCH merges as the API's own types say (strategic merge). */
  readonly method: "GET" | "POST" | "DELETE" | "PATCH";
  /** The path, such as `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
};

/** Requests to one API server. */
export type KubeClient = {
  readonly server: string;
  /** Asks until there is an answer: it repeats what the server was too busy for. */
  readonly ask: (request: KubeRequest) => Promise<Result<object, KubeError>>;
  /**
   * Passes each line of an answer on as JSON, until the answer ends or `line` returns false. Fails if it breaks off, or is
   * silent for `silentMs`.
   */
  readonly follow: (
    request: KubeRequest,
    line: (data: unknown) => boolean,
    silentMs: number,
  ) => Promise<Result<null, KubeError>>;
  readonly close: () => void;
};

/** Time for an answer, ms, and most bytes of one. A page of 500 Pods has a few MiB. */
const [answerMs, mostBytes] = [15_000, 2 ** 26];

/** Most characters of a line. The server keeps no object of more than 1.5 MiB. */
const mostOfLine = 2 ** 22;

/** Tries of one request, the waits between them, which double, and the longest one that a server may ask for, ms. */
const [tries, firstWaitMs, longestAskedMs] = [5, 400, 30_000];

const contentTypes = {
  GET: "application/json",
  POST: "application/json",
  DELETE: "application/json",
  PATCH: "application/strategic-merge-patch+json",
};

/** Waits for a time, ms, or until the signal aborts. */
type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

const realPause: Pause = (ms, signal) =>
  after(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});

/** Makes requests as `access` says, over at most a few connections that are kept. */
export const kubeClient = (access: KubeAccess, pause: Pause = realPause): KubeClient => {
  const { server, ca, servername, isUnverified, signIn } = access;
  const kept = { keepAlive: true, keepAliveMsecs: 10_000, maxSockets: 16 };
  // `kubectl proxy` signs in by itself, and serves plain HTTP on this machine.
  const isPlain = server.protocol === "http:";
  const agent = isPlain
    ? new HttpAgent(kept)
    : new Agent({ ...kept, ca, servername, rejectUnauthorized: !isUnverified });
  const closing = new AbortController();
  let known: Credentials | null = null;
  let signingIn: Promise<Result<Credentials, KubeError>> | null = null;
  /** Signs in once for all requests, again when the credentials have expired, and if the server refused these. */
  const signedIn = async (refused: Credentials | null): Promise<Result<Credentials, KubeError>> => {
    if (known !== null && known !== refused && (known.expiresAt ?? Infinity) > Date.now()) return ok(known);
    signingIn ??= signIn(closing.signal).finally(() => (signingIn = null));
    const made = await signingIn;
    if (made.ok) known = made.value;
    return made;
  };
  /** Resolves with the head of the answer. After a 401 it signs in anew, and asks once more if that made a difference. */
  const send = async (asked: KubeRequest, withinMs: number): Promise<Result<IncomingMessage, KubeError>> => {
    const first = await unlessAborted(signedIn(null), asked.signal);
    if (!first.ok) return first;
    const answer = await sendAs(first.value, asked, withinMs);
    if (answer.statusCode !== 401) return ok(answer);
    const second = await unlessAborted(signedIn(first.value), asked.signal);
    const { token, cert } = first.value;
    if (second.ok && second.value.token === token && second.value.cert === cert) return ok(answer);
    answer.resume();
    return second.ok ? ok(await sendAs(second.value, asked, withinMs)) : second;
  };
  const sendAs = (
    { token, cert, key }: Credentials,
    { method, path, query = {}, body, signal }: KubeRequest,
    withinMs: number,
  ): Promise<IncomingMessage> => {
    const url = new URL(server.href.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // Without its length the server ignores the body of a DELETE.
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      accept: "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { "content-type": contentTypes[method], "content-length": text.length }),
    };
    return new Promise((resolve, reject) => {
      const asked = (isPlain ? requestByHttp : request)(url, {
        agent,
        method,
        headers,
        // The agent keeps a connection for these alone.
        ...(cert === undefined ? {} : { cert, key }),
        ...(signal === undefined ? {} : { signal }),
      });
      asked.setTimeout(withinMs, () => asked.destroy(new Error(`silent for ${withinMs} ms`)));
      asked.once("response", resolve).once("error", reject);
      asked.end(text);
    });
  };
  const once = async (asked: KubeRequest): Promise<Tried> => {
    try {
      const sent = await send(asked, answerMs);
      if (!sent.ok) return { result: sent, waitMs: null };
      const answer = sent.value;
      const { statusCode: status = 0, headers } = answer;
      const text = await textOf(answer);
      // The same request would have the same answer.
      if (text === null) return { result: fail(tooLong), waitMs: null };
      const data = parseJson(text);
      if (status >= 200 && status < 300) {
        // A proxy may say something, or cut the answer without breaking the connection.
        if (typeof data !== "object" || data === null) throw new Error("an answer that is no JSON");
        return { result: ok(data), waitMs: null };
      }
      // A date counts as no number: the server's clock may be wrong.
      const askedMs = Math.min(longestAskedMs, 1000 * (Number(headers["retry-after"]) || 0));
      return { result: fail(refused(status, data)), waitMs: isBusy(status, data) ? askedMs : null };
    } catch (error) {
      if (isBug(error)) throw error;
      return { result: fail(unreachable(server, error)), waitMs: 0 };
    }
  };
  return {
    server: server.href,
    ask: async (asked) => {
      for (let tried = 1; ; tried += 1) {
        const { result, waitMs } = await once(asked);
        if (waitMs === null || tried === tries) return result;
        const ownWait = backoff({ first: firstWaitMs }, tried) * (0.75 + Math.random() / 4);
        await pause(Math.max(waitMs, ownWait), asked.signal);
        if (asked.signal?.aborted === true) return result;
      }
    },
    follow: async (asked, line, silentMs) => {
      try {
        const sent = await send(asked, silentMs);
        if (!sent.ok) return sent;
        const answer = sent.value;
        const { statusCode: status = 0 } = answer;
        if (status !== 200) {
          const text = await textOf(answer);
          return fail(text === null ? tooLong : refused(status, parseJson(text)));
        }
        let rest = "";
        for await (const part of answer.setEncoding("utf8") as AsyncIterable<string>) {
          const lines = (rest + part).split("\n");
          rest = lines.pop() ?? "";
          if (rest.length > mostOfLine) return fail(tooLong);
          if (!lines.every((one) => line(parseJson(one)))) return ok(null);
        }
        return ok(null);
      } catch (error) {
        if (isBug(error)) throw error;
        return fail(unreachable(server, error));
      }
    },
    close: () => {
      closing.abort();
      agent.destroy();
    },
  };
};

/** Waits for a sign-in until the signal aborts, and rejects then. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  signal === undefined
    ? work
    : new Promise((resolve, reject) => {
        const stop = (): void => reject(new Error("signing in took too long"));
        if (signal.aborted) stop();
        signal.addEventListener("abort", stop, { once: true });
        void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
      });

/** Reads a whole answer; null for one that is too long. */
const textOf = async (answer: IncomingMessage): Promise<string | null> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};

type Tried = {
  readonly result: Result<object, KubeError>;
  /** The least time until the same request may have another answer, ms; null if it never has. */
  readonly waitMs: number | null;
};

/** A quota that two writers change at once is refused as a conflict too. */
const isBusy = (status: number, data: unknown): boolean =>
  status === 429 || status >= 500 || (status === 409 && reasonOf(data) === "Conflict");

const reasonOf = (data: unknown): string | null => {
  const { reason } = (data ?? {}) as { readonly reason?: unknown };
  return typeof reason === "string" ? reason : null;
};

/** What an operator does after a refusal: the first row that fits. */
const fixes: readonly (readonly [status: number, said: RegExp, fix: string])[] = [
  [401, /^/, "renew the token of the kubeconfig"],
  [
    403,
    /PodSecurity/,
    "the namespace takes no such Pod: mend what the template of Pods adds, or the namespace's Pod security standard",
  ],
  [403, /^/, "give the account the rights of deploy/kubernetes/one-host/rbac.yaml, or raise the quota"],
  [422, /^/, "mend what it names, most likely in the template of Pods; gatehouse doctor tries it"],
];

const refused = (status: number, data: unknown): KubeError => {
  const { message } = (data ?? {}) as { readonly message?: unknown };
  const said = typeof message === "string" ? message : `HTTP ${status}`;
  const [, , fix] = fixes.find(([of, words]) => of === status && words.test(said)) ?? [];
  return {
    code: "cluster-refused",
    status,
    reason: reasonOf(data),
    message: `Kubernetes refused a request: ${said.replaceAll(/\s+/g, " ").slice(0, 500)}`,
    ...(fix === undefined ? {} : { fix }),
  };
};

/** The error of an answer that is not what was asked for. */
export const strange = (what: string): KubeError => ({
  code: "cluster-unreachable",
  status: null,
  reason: null,
  message: `Kubernetes answered with ${what}.`,
  fix: "check that the kubeconfig names an API server",
});

const tooLong = strange("more than a host reads");

/** A mistake of the caller, or of ours: it is no state of the cluster, and no repetition mends it. */
const isBug = (error: unknown): boolean => {
  if (!(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError))
    return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || code.startsWith("ERR_INVALID_ARG");
};

const unreachable = (server: URL, error: unknown): KubeError => ({
  code: "cluster-unreachable",
  status: null,
  reason: null,
  message: `The API server ${server.host} of Kubernetes cannot be reached (${error instanceof Error ? error.message : "?"}).`,
  fix: "check KUBECONFIG with kubectl version",
});
