import { setTimeout as pause } from "node:timers/promises";
import { backoff, fail, ok, type Result } from "@gatehouse/std";
import * as z from "zod";
import { installLabel, sessionLabel } from "../pod-manifest.ts";
import { podSeen, type PodSeen } from "../pod-seen.ts";
import { strange, type KubeClient } from "./kube-client.ts";
import type { KubeError } from "./kube-config.ts";

export type PodsQuery = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly install: string;
  /** Only Pods of this session. */
  readonly session?: string;
};

export type WatchOptions = PodsQuery & {
  /** Called with each Pod as it is now, and with null when it is not there any more. Repeats itself after a broken watch. */
  readonly changed: (name: string, pod: PodSeen | null) => void;
  /** Called when `changed` has been called with all Pods that are there, unless the watch that follows was refused before. */
  readonly listed?: () => void;
  /** Called with why the Pods cannot be watched now, and with null when they can again. */
  readonly trouble: (problem: KubeError | null) => void;
  /** A watch without an event or a bookmark for so long is broken, ms. */
  readonly silentMs?: number;
};

/** Pods of one page of a list. */
const pageSize = 500;

/** The server ends a watch after this time, s, and sends a bookmark each minute. */
const [watchSeconds, usualSilentMs] = [290, 150_000];

/** First and longest wait after a failure, ms. */
const waits = { first: 200, most: 10_000 };

/** A page of a list. */
const pageSchema = z.object({
  items: z.array(z.unknown()).nullable(),
  metadata: z.object({ continue: z.string().default(""), resourceVersion: z.string() }),
});

type Listed = { readonly pods: readonly PodSeen[]; readonly version: string };

/** Lists the Pods of an installation. A list that expires on the way begins anew. */
export const listPods = async (
  { client, namespace, ...selected }: PodsQuery,
  signal?: AbortSignal,
): Promise<Result<Listed, KubeError>> => {
  for (let begun = 1; ; begun += 1) {
    const pods: PodSeen[] = [];
    let next = "";
    for (;;) {
      const page = await client.ask({
        method: "GET",
        path: podsIn(namespace),
        query: {
          ...selectorOf(selected),
          limit: String(pageSize),
          ...(next === "" ? {} : { continue: next }),
        },
        signal,
      });
      if (!page.ok) {
        if (page.error.status === 410 && begun < 5) break;
        return page;
      }
      const read = pageSchema.safeParse(page.value);
      if (!read.success) return fail(strange("something that is no list of Pods"));
      const { items, metadata } = read.data;
      for (const item of items ?? []) {
        const pod = podSeen(item);
        if (pod?.metadata.labels[installLabel] === selected.install) pods.push(pod);
      }
      next = metadata.continue;
      if (next === "") return ok({ pods, version: metadata.resourceVersion });
    }
  }
};

/** Watches the Pods of an installation until the function that it returns is called. */
export const watchPods = (options: WatchOptions): (() => void) => {
  const { client, namespace, install, changed, trouble, silentMs = usualSilentMs } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const known = new Set<string>();
  let isTroubled = false;
  /** Tells the first problem, and once that it is over. */
  const tell = (problem: KubeError | null): void => {
    if (signal.aborted || (problem !== null) === isTroubled) return;
    isTroubled = problem !== null;
    trouble(problem);
  };
  const listed = ({ pods }: Listed): void => {
    const there = new Set(pods.map(({ metadata }) => metadata.name));
    for (const name of known) {
      if (there.has(name)) continue;
      known.delete(name);
      changed(name, null);
    }
    for (const pod of pods) {
      known.add(pod.metadata.name);
      changed(pod.metadata.name, pod);
    }
  };
  /** Applies an event. Returns the version to go on from; null for an expired one. */
  const apply = (event: unknown, version: string): string | null => {
    const { type, object } = (event ?? {}) as { readonly type?: string; readonly object?: unknown };
    if (type === "ERROR") return null;
    const at = (object as { readonly metadata?: { readonly resourceVersion?: string } } | undefined)
      ?.metadata;
    const pod = type === "BOOKMARK" ? null : podSeen(object);
    if (pod?.metadata.labels[installLabel] === install) {
      const { name } = pod.metadata;
      if (type === "DELETED") known.delete(name);
      else known.add(name);
      changed(name, type === "DELETED" ? null : pod);
    }
    return at?.resourceVersion ?? version;
  };
  /** Watches from a version on, again and again, until it fails. */
  const watchFrom = async (from: string): Promise<Result<null, KubeError | null>> => {
    let version: string | null = from;
    while (!signal.aborted) {
      const query = {
        ...selectorOf({ install }),
        watch: "1",
        allowWatchBookmarks: "true",
        resourceVersion: version,
        timeoutSeconds: String(watchSeconds),
      };
      const ended = await client.follow(
        { method: "GET", path: podsIn(namespace), query, signal },
        (event) => {
          version = apply(event, version ?? from);
          // A list may be allowed where a watch is not, so only the watch's own line shows that it works.
          if (version !== null) tell(null);
          return version !== null;
        },
        silentMs,
      );
      if (version === null) return fail(null);
      if (!ended.ok) return fail(ended.error.status === 410 ? null : ended.error);
      // A server or a proxy may end each watch at once.
      await pause(waits.first, undefined, { signal }).catch(() => {});
    }
    return ok(null);
  };
  const run = async (): Promise<void> => {
    let [failures, isRefused] = [0, false];
    while (!signal.aborted) {
      const list = await listPods(options, signal);
      if (list.ok) {
        if (!isRefused) tell(null);
        listed(list.value);
        if (!isRefused) options.listed?.();
        const begun = performance.now();
        const ended = await watchFrom(list.value.version);
        // A watch that held for a while says that the server is well.
        if (performance.now() - begun > waits.most) failures = 0;
        isRefused = !ended.ok && ended.error?.status != null;
        if (!ended.ok && isRefused) tell(ended.error);
      } else tell(list.error);
      failures += 1;
      const waitMs = backoff(waits, failures) * (0.5 + Math.random() / 2);
      await pause(waitMs, undefined, { signal }).catch(() => {});
    }
  };
  void run();
  return () => closing.abort();
};

export const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

const selectorOf = ({
  install,
  session,
}: Pick<PodsQuery, "install" | "session">): { readonly labelSelector: string } => ({
  labelSelector: `${installLabel}=${install}${session === undefined ? "" : `,${sessionLabel}=${session}`}`,
});
