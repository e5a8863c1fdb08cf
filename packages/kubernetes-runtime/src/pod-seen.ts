import * as z from "zod";

/** The state of one container of a Pod. */
export type ContainerSeen = {
  readonly name: string;
  readonly state?:
    | {
        readonly waiting?: Said | undefined;
        readonly running?: object | undefined;
        readonly terminated?:
          | (Said & { readonly exitCode: number; readonly signal?: number | undefined })
          | undefined;
      }
    | undefined;
  /** How it ended before; also of a container that its node does not find any more. */
  readonly lastState?: { readonly terminated?: object | undefined } | undefined;
};

/** The cluster's word for something, and its sentence. */
type Said = { readonly reason?: string | undefined; readonly message?: string | undefined };

/** A Pod as the API shows it, without the fields that nothing here reads. */
export type PodSeen = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string | undefined;
    readonly finalizers: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  };
  /** The node that runs the Pod, once there is one. */
  readonly spec: { readonly nodeName?: string | undefined };
  readonly status: Said & {
    readonly phase?: string | undefined;
    readonly conditions: readonly (Said & { readonly type: string; readonly status: string })[];
    readonly initContainerStatuses: readonly ContainerSeen[];
    readonly containerStatuses: readonly ContainerSeen[];
  };
};

const said = { reason: z.string().optional(), message: z.string().optional() };
const container = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object(said).optional(),
      running: z.object({}).optional(),
      terminated: z.object({ ...said, exitCode: z.int(), signal: z.int().optional() }).optional(),
    })
    .optional(),
  lastState: z.object({ terminated: z.object({}).optional() }).optional(),
});
const schema: z.ZodType<PodSeen> = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    deletionTimestamp: z.string().optional(),
    finalizers: z.array(z.string()).default([]),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ nodeName: z.string().optional() }).prefault({}),
  status: z
    .object({
      ...said,
      phase: z.string().optional(),
      conditions: z.array(z.object({ ...said, type: z.string(), status: z.string() })).default([]),
      initContainerStatuses: z.array(container).default([]),
      containerStatuses: z.array(container).default([]),
    })
    .prefault({}),
});

/** Reads a Pod; null for what is no Pod. */
export const podSeen = (data: unknown): PodSeen | null => schema.safeParse(data).data ?? null;

/**
 * True if the cluster does not start the Pod's agent again. Its process may still run, on a node that cannot be reached:
 * `hasEnded` has the proof. While a container runs that a template added, the Pod's phase stays `Running`.
 */
export const isOver = (pod: PodSeen): boolean =>
  pod.status.phase === "Failed" ||
  pod.status.phase === "Succeeded" ||
  agentIn(pod)?.state?.terminated !== undefined;

/** The container of the agent, once the Pod's node has it. */
export const agentIn = ({ status }: PodSeen): ContainerSeen | undefined =>
  status.containerStatuses.find(({ name }) => name === "agent");

/**
 * The finalizer of a Pod whose agent writes to its group's volume. While a Pod has it, the object stays in the cluster, also
 * after a forced deletion, so that an object that is gone is a process that is gone.
 */
export const mayRun = "gatehouse/may-run";

/** True if the end of the Pod's agent is not noted yet. */
export const isHeld = ({ metadata }: PodSeen): boolean => metadata.finalizers.includes(mayRun);

/**
 * True if it is proven that the Pod's agent has ended: its kubelet says so, or the cluster says that its node is gone (Kubernetes
 * 1.26 and newer, after the node was deleted, or tainted as out of service). The phase alone proves nothing: a Pod that was
 * over its deadline is `Failed` while it still runs (seen on 1.20.2). The containers of a Pod see each other's processes, so a
 * process of the agent may live on in one that a template adds. A kubelet that has removed the container of a deleted Pod before
 * it told its end says that the container waits, and as its last state that it "could not be located" (seen on 1.20.2). As
 * nothing starts a Pod's agent again, it has ended.
 */
export const hasEnded = (pod: PodSeen): boolean =>
  ((agentIn(pod)?.state?.terminated ?? agentIn(pod)?.lastState?.terminated) !== undefined &&
    [...pod.status.initContainerStatuses, ...pod.status.containerStatuses].every(
      ({ state }) => state?.running === undefined,
    )) ||
  pod.status.conditions.some(
    ({ type, reason }) => type === "DisruptionTarget" && reason === "DeletionByPodGC",
  );
