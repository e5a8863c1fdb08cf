import { createHash } from "node:crypto";
import { fail, ok, type Result } from "@gatehouse/std";
import {
  claimManifest,
  labelsOf,
  podManifest,
  secretManifest,
  type NamedPlan,
  type PodPlan,
} from "../pod-manifest.ts";
import { mayRun, podSeen, type PodSeen } from "../pod-seen.ts";
import type { ClaimTemplate } from "../pod-template.ts";
import { kubeClient, strange } from "./kube-client.ts";
import type { KubeAccess, KubeError } from "./kube-config.ts";
import { listPods, podsIn, watchPods, type WatchOptions } from "./watch-pods.ts";

/** The Pods of a namespace. */
export type Cluster = {
  /** The address of the API server. */
  readonly server: string;
  readonly namespace: string;
  /** The version of the API server, such as `v1.33.1`. */
  readonly version: () => Promise<Result<string, KubeError>>;
  /** Makes a Pod, and the Secret with what its program has to know of its host. */
  readonly make: (plan: PodPlan, host: object, signal?: AbortSignal) => Promise<Result<PodSeen, KubeError>>;
  /** Deletes a Pod. Its processes get SIGTERM, and after the grace SIGKILL. One that is not there is deleted. */
  readonly remove: (
    name: string,
    graceSeconds: number,
    signal?: AbortSignal,
  ) => Promise<Result<null, KubeError>>;
  readonly list: (
    of: { readonly install: string; readonly session?: string },
    signal?: AbortSignal,
  ) => Promise<Result<readonly PodSeen[], KubeError>>;
  /** Makes the claim of a group's volume, unless it is there. `isTry`: the cluster says what it would do. */
  readonly claim: (
    claim: ClaimTemplate,
    of: Pick<PodPlan, "groupId" | "install">,
    how?: { readonly isTry?: boolean; readonly signal?: AbortSignal },
  ) => Promise<Result<null, KubeError>>;
  /** Notes that a Pod's agent may run from now on, until `release`. */
  readonly hold: (name: string, signal?: AbortSignal) => Promise<Result<null, KubeError>>;
  /** Notes that a Pod's agent has ended. Returns the Pod; null if it is not there. */
  readonly release: (name: string, signal?: AbortSignal) => Promise<Result<PodSeen | null, KubeError>>;
  readonly watch: (options: Omit<WatchOptions, "client" | "namespace">) => () => void;
  /** What the cluster warns of a Pod, the newest last, a line each. */
  readonly warnings: (podUid: string) => Promise<Result<readonly string[], KubeError>>;
  /** The rights that this access lacks here, such as `create secrets`. */
  readonly missingRights: () => Promise<Result<readonly string[], KubeError>>;
  readonly close: () => void;
};

/** The requests of a host: deploy/kubernetes/one-host/rbac.yaml allows exactly these. */
const rights = [
  ...["create", "list", "watch", "patch", "delete"].map((verb) => ({ verb, resource: "pods" })),
  { verb: "create", resource: "secrets" },
  { verb: "create", resource: "persistentvolumeclaims" },
  { verb: "list", resource: "events" },
] as const;

/** Opens a namespace. Asks nothing yet. */
export const openCluster = (access: KubeAccess, namespace: string): Cluster => {
  const client = kubeClient(access);
  const at = `/api/v1/namespaces/${namespace}`;
  const create = (
    kind: "pods" | "secrets",
    body: object,
    signal?: AbortSignal,
  ): Promise<Result<object, KubeError>> =>
    client.ask({ method: "POST", path: `${at}/${kind}`, body, signal });
  const patch = (name: string, metadata: object, signal?: AbortSignal) =>
    client.ask({
      method: "PATCH",
      path: `${podsIn(namespace)}/${encodeURIComponent(name)}`,
      body: { metadata },
      signal,
    });
  /** A name is used once: if it exists, the answer to an earlier try was lost. */
  const made = async (plan: NamedPlan, signal?: AbortSignal): Promise<Result<PodSeen, KubeError>> => {
    const created = await create("pods", podManifest(plan), signal);
    if (!created.ok && created.error.reason !== "AlreadyExists") return created;
    const query = { fieldSelector: `metadata.name=${plan.name}` };
    const listed = created.ok
      ? created
      : await client.ask({ method: "GET", path: podsIn(namespace), query, signal });
    if (!listed.ok) return listed;
    const { items } = listed.value as { readonly items?: readonly unknown[] };
    const pod = podSeen(created.ok ? created.value : items?.[0]);
    if (pod === null) return fail(strange("something that is no Pod"));
    // One that another program made under this name must not get the Secret.
    const isOurs = Object.entries(labelsOf(plan)).every(
      ([name, value]) => pod.metadata.labels[name] === value,
    );
    return created.ok || isOurs ? ok(pod) : created;
  };
  const remove: Cluster["remove"] = async (name, graceSeconds, signal) => {
    const gone = await client.ask({
      method: "DELETE",
      path: `${podsIn(namespace)}/${encodeURIComponent(name)}`,
      signal,
      body: { gracePeriodSeconds: graceSeconds },
    });
    return gone.ok || gone.error.status === 404 ? ok(null) : gone;
  };
  return {
    server: client.server,
    namespace,
    version: async () => {
      const asked = await client.ask({ method: "GET", path: "/version" });
      if (!asked.ok) return asked;
      const { gitVersion } = asked.value as { readonly gitVersion?: unknown };
      return ok(typeof gitVersion === "string" ? gitVersion : "?");
    },
    make: async (given, host, signal) => {
      const plan = { ...given, volumeName: volumeName(given) };
      const pod = await made(plan, signal);
      if (!pod.ok) return pod;
      const secret = await create("secrets", secretManifest(plan, pod.value.metadata.uid, host), signal);
      if (secret.ok || secret.error.reason === "AlreadyExists") return pod;
      await remove(plan.name, 0, signal);
      return secret;
    },
    remove,
    claim: async (claim, of, { isTry = false, signal } = {}) => {
      const body = claimManifest(claim, { ...of, volumeName: volumeName(of) });
      const made = await client.ask({
        method: "POST",
        path: `${at}/persistentvolumeclaims`,
        body,
        signal,
        query: isTry ? { dryRun: "All" } : {},
      });
      return made.ok || made.error.reason === "AlreadyExists" ? ok(null) : made;
    },
    hold: async (name, signal) => {
      const patched = await patch(name, { finalizers: [mayRun] }, signal);
      if (patched.ok) return ok(null);
      // Of a Pod that is being deleted the server takes no new finalizer.
      return fail(patched.error.status === 422 ? { ...patched.error, ...isDeleted(name) } : patched.error);
    },
    release: async (name, signal) => {
      const patched = await patch(name, { "$deleteFromPrimitiveList/finalizers": [mayRun] }, signal);
      if (!patched.ok) return patched.error.status === 404 ? ok(null) : patched;
      return ok(podSeen(patched.value));
    },
    list: async (of, signal) => {
      const listed = await listPods({ ...of, client, namespace }, signal);
      return listed.ok ? ok(listed.value.pods) : listed;
    },
    watch: (options) => watchPods({ ...options, client, namespace }),
    warnings: async (podUid) => {
      const query = { fieldSelector: `involvedObject.uid=${podUid},type=Warning`, limit: "50" };
      const listed = await client.ask({ method: "GET", path: `${at}/events`, query });
      if (!listed.ok) return listed;
      const { items = [] } = listed.value as { readonly items?: readonly { readonly message?: string }[] };
      return ok(items.map(({ message = "" }) => message.replaceAll(/\s+/g, " ").slice(0, 500)));
    },
    missingRights: async () => {
      const missing: string[] = [];
      for (const { verb, resource } of rights) {
        const asked = await client.ask({
          method: "POST",
          path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            spec: { resourceAttributes: { namespace, verb, resource } },
          },
        });
        if (!asked.ok) return asked;
        const { status } = asked.value as { readonly status?: { readonly allowed?: boolean } };
        if (status?.allowed !== true) missing.push(`${verb} ${resource}`);
      }
      return ok(missing);
    },
    close: client.close,
  };
};

const isDeleted = (name: string): Pick<KubeError, "fix" | "message"> => ({
  message: `The Pod ${name} was deleted in the cluster before its agent began.`,
  fix: "the next try starts another Pod",
});

/**
 * Names the volume of a group: the first letters of its id for a person's eye, and a hash, because two ids of imported groups
 * may differ in letters that no name of the cluster has, and two installations may have imported the same group.
 */
const volumeName = ({ install, groupId }: Pick<PodPlan, "groupId" | "install">): string => {
  const short = groupId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40);
  const hash = createHash("sha256").update(`${install}/${groupId}`).digest("hex");
  return `gh-${short}-${hash.slice(0, 16)}`;
};
