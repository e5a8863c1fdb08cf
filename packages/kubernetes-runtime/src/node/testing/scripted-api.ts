import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseJson } from "@gatehouse/std";

/** An object of the API: a Pod, a Secret, a claim or an Event. */
export type ApiObject = {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
};

export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** An answer in place of the server's own. `silent`: none ever comes; `lost`: the server does it, and its answer is cut. */
export type ApiAnswer =
  | { readonly status: number; readonly body?: object; readonly headers?: Readonly<Record<string, string>> }
  | "silent"
  | "cut"
  | "lost";

/** An API server of Kubernetes in memory, for tests: Pods, Secrets, Events, lists in pages, watches. It checks no rights. */
export type ScriptedApi = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  /** The Pods that are there. */
  readonly pods: () => readonly ApiObject[];
  /** The claims of volumes that were made. */
  readonly claims: () => readonly ApiObject[];
  /** The content of a Secret; null if there is none of this name. */
  readonly secret: (name: string) => Readonly<Record<string, string>> | null;
  /** Puts a Pod on a node, as the scheduler would. */
  readonly bind: (name: string, node: string) => void;
  /** Merges a status into a Pod, as its kubelet would. */
  readonly setStatus: (name: string, status: object) => void;
  /** Adds a Pod that no request made. */
  readonly add: (pod: ApiObject) => void;
  /** Removes a Pod, as the API server does when its kubelet has ended it, and it has no finalizer. */
  readonly remove: (name: string) => void;
  /** Adds an Event. */
  readonly addEvent: (event: ApiObject) => void;
  /** Sends a line to all watches: an ERROR, or a BOOKMARK. */
  readonly tellWatches: (event: object) => void;
  /** Ends all watches, as the server does after their time. */
  readonly endWatches: () => void;
  /** Breaks the connections of all watches. */
  readonly cutWatches: () => void;
  readonly watches: () => number;
  readonly close: () => Promise<void>;
};

export type ScriptedApiOptions = {
  /** Called with each request first; null lets the server answer by itself. */
  readonly answer?: (request: ApiRequest) => ApiAnswer | null;
  /** Called when a Pod and its Secret are there: a kubelet would start it. */
  readonly started?: (pod: ApiObject) => void;
  /** Called when a Pod is to end within this time, s. Without it the Pod is removed at once. */
  readonly ending?: (pod: ApiObject, graceSeconds: number) => void;
};

type Watch = { readonly response: ServerResponse; readonly selector: string };

/** Serves the API on a free port of this machine. */
export const scriptedApi = async (options: ScriptedApiOptions = {}): Promise<ScriptedApi> => {
  const { answer = () => null, started, ending } = options;
  const requests: ApiRequest[] = [];
  const [pods, secrets, claims] = [
    new Map<string, ApiObject>(),
    new Map<string, ApiObject>(),
    new Map<string, ApiObject>(),
  ];
  const kinds: Readonly<Record<string, Map<string, ApiObject>>> = {
    pods,
    secrets,
    persistentvolumeclaims: claims,
  };
  const events: ApiObject[] = [];
  const history: { readonly version: number; readonly event: ApiEvent }[] = [];
  const watches = new Set<Watch>();
  let version = 1;
  const emit = (type: ApiEvent["type"], object: ApiObject): void => {
    const event = { type, object };
    history.push({ version, event });
    for (const { response, selector } of watches)
      if (selects(selector, object)) response.write(`${JSON.stringify(event)}\n`);
  };
  const put = (type: "ADDED" | "MODIFIED", pod: ApiObject): ApiObject => {
    version += 1;
    const stored = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
    pods.set(pod.metadata.name, stored);
    emit(type, stored);
    return stored;
  };
  const remove = (name: string): void => {
    const pod = pods.get(name);
    if (pod === undefined) return;
    if ((pod.metadata.finalizers ?? []).length > 0) return void marked(pod);
    version += 1;
    pods.delete(name);
    emit("DELETED", { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } });
  };
  const marked = (pod: ApiObject): ApiObject =>
    put("MODIFIED", {
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: new Date().toISOString() },
    });
  /** Knows one list, as a strategic merge does: the finalizers of a Pod. */
  const patch = (name: string, body: unknown): [number, object] => {
    const pod = pods.get(name);
    if (pod === undefined) return [404, status(404, "NotFound", `pods "${name}" not found`)];
    const { metadata = {} } = body as { readonly metadata?: Readonly<Record<string, readonly string[]>> };
    const { finalizers: added = [], "$deleteFromPrimitiveList/finalizers": taken = [] } = metadata;
    if (added.length > 0 && pod.metadata.deletionTimestamp !== undefined)
      return [422, status(422, "Invalid", "no new finalizers can be added if the object is being deleted")];
    const finalizers = [...(pod.metadata.finalizers ?? []), ...added].filter((one) => !taken.includes(one));
    const stored = put("MODIFIED", { ...pod, metadata: { ...pod.metadata, finalizers } });
    if (finalizers.length === 0 && pod.metadata.deletionTimestamp !== undefined) remove(name);
    return [200, stored];
  };
  const create = (kind: string, body: ApiObject): [number, object] => {
    const known = kinds[kind] ?? new Map<string, ApiObject>();
    const { name } = body.metadata;
    if (known.has(name)) return [409, status(409, "AlreadyExists", `${kind} "${name}" already exists`)];
    const made = { ...body, metadata: { ...body.metadata, uid: randomUUID() } };
    if (kind === "pods") return [201, put("ADDED", { ...made, status: { phase: "Pending" } })];
    known.set(name, made);
    const pod = pods.get(name);
    if (kind === "secrets" && pod !== undefined) started?.(pod);
    return [201, made];
  };
  const list = ({ query }: ApiRequest): [number, object] => {
    const { labelSelector = "", fieldSelector = "", limit = "500", continue: from = "0" } = query;
    const named = /^metadata\.name=(.*)$/.exec(fieldSelector)?.[1];
    const found = [...pods.values()].filter(
      (pod) => selects(labelSelector, pod) && (named === undefined || pod.metadata.name === named),
    );
    const end = Number(from) + Number(limit);
    const next = end < found.length ? { continue: String(end) } : {};
    return [
      200,
      {
        kind: "PodList",
        metadata: { resourceVersion: String(version), ...next },
        items: found.slice(Number(from), end),
      },
    ];
  };
  const watch = ({ query }: ApiRequest, response: ServerResponse): void => {
    const { labelSelector: selector = "", resourceVersion = "0" } = query;
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (const past of history)
      if (past.version > Number(resourceVersion) && selects(selector, past.event.object))
        response.write(`${JSON.stringify(past.event)}\n`);
    const one = { response, selector };
    watches.add(one);
    response.once("close", () => watches.delete(one));
  };
  const end = (name: string, body: unknown): [number, object] => {
    const pod = pods.get(name);
    if (pod === undefined) return [404, status(404, "NotFound", `pods "${name}" not found`)];
    const { gracePeriodSeconds = 30 } = (body ?? {}) as { readonly gracePeriodSeconds?: number };
    const stored = marked(pod);
    if (ending === undefined || gracePeriodSeconds === 0) remove(name);
    ending?.(stored, gracePeriodSeconds);
    return [200, stored];
  };
  const serve = (request: ApiRequest, response: ServerResponse): void => {
    const [, kind = "", name] = /^\/api\/v1\/namespaces\/[^/]+\/(\w+)(?:\/(.+))?$/.exec(request.path) ?? [];
    const reply = ([code, body]: [number, object]): void =>
      void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.path === "/version") return reply([200, { gitVersion: "v1.33.0-scripted" }]);
    if (request.path.endsWith("/selfsubjectaccessreviews"))
      return reply([201, { status: { allowed: true } }]);
    if (request.method === "POST" && request.query["dryRun"] !== undefined) return reply([201, {}]);
    if (request.method === "POST") return reply(create(kind, request.body as ApiObject));
    if (request.method === "PATCH" && name !== undefined) return reply(patch(name, request.body));
    if (request.method === "DELETE" && name !== undefined) return reply(end(name, request.body));
    if (kind === "events") return reply([200, { items: events, metadata: {} }]);
    if (request.query["watch"] === "1") return watch(request, response);
    return reply(list(request));
  };
  const server = createServer((incoming, response) => {
    void read(incoming).then((request) => {
      requests.push(request);
      const instead = answer(request);
      if (instead === null) return serve(request, response);
      if (instead === "silent") return;
      if (instead === "lost") serve(request, response);
      if (instead === "cut" || instead === "lost") return void incoming.socket.destroy();
      const { status: code, body = {}, headers = {} } = instead;
      response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    pods: () => [...pods.values()],
    claims: () => [...claims.values()],
    secret: (name) =>
      (secrets.get(name)?.["stringData"] as Readonly<Record<string, string>> | undefined) ?? null,
    bind: (name, nodeName) => {
      const pod = pods.get(name);
      if (pod !== undefined) put("MODIFIED", { ...pod, spec: { ...(pod["spec"] as object), nodeName } });
    },
    setStatus: (name, given) => {
      const pod = pods.get(name);
      if (pod !== undefined) put("MODIFIED", { ...pod, status: { ...(pod["status"] as object), ...given } });
    },
    add: (pod) => void put("ADDED", pod),
    remove,
    addEvent: (event) => void events.push(event),
    tellWatches: (event) => {
      for (const { response } of watches) response.write(`${JSON.stringify(event)}\n`);
    },
    endWatches: () => {
      for (const { response } of watches) response.end();
    },
    cutWatches: () => {
      for (const { response } of watches) response.destroy();
    },
    watches: () => watches.size,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type ApiEvent = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: ApiObject };

const status = (code: number, reason: string, message: string): object => ({
  kind: "Status",
  status: "Failure",
  code,
  reason,
  message,
});

/** `a=b,c=d`; empty selects all. */
const selects = (selector: string, { metadata: { labels = {} } }: ApiObject): boolean =>
  selector
    .split(",")
    .filter((term) => term !== "")
    .every((term) => {
      const [name = "", value] = term.split("=");
      return labels[name] === value;
    });

const read = async (incoming: IncomingMessage): Promise<ApiRequest> => {
  const parts: Buffer[] = [];
  for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
  const url = new URL(incoming.url ?? "/", "http://api");
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: parseJson(Buffer.concat(parts).toString("utf8")),
  };
};
