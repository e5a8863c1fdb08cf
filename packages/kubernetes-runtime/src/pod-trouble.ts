import { agentIn, isOver, type PodSeen } from "./pod-seen.ts";

/** Why a Pod does not start, or has ended: a code for programs, a sentence and a fix for people. */
export type PodTrouble = {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** How long a start waits for this to go away by itself, ms. */
  readonly patienceMs: number;
};

/** What the status of a Pod says in different places. */
type Facts = {
  readonly pod: PodSeen;
  /** Of the first container that waits or has ended wrongly: one that runs before the agent's, or the agent's. */
  readonly waiting: string;
  readonly ended: string;
  /** The name of the container before the agent's that failed; null if none did. */
  readonly failedFirst: string | null;
  readonly exitCode: number | null;
  /** The cluster's words for it, one line. */
  readonly said: string;
};

type Row = Omit<PodTrouble, "message"> & {
  readonly is: (facts: Facts) => boolean;
  readonly message: (facts: Facts) => string;
};

/** Time for what the cluster tries again by itself: a pull, a node that an autoscaler adds. */
const [soon, later, longest] = [15_000, 60_000, 180_000];

/** The first row that fits counts. */
const rows: readonly Row[] = [
  {
    code: "evicted",
    is: ({ pod }) => pod.status.reason === "Evicted" || pod.status.reason === "Preempting",
    message: ({ said }) => `Its node evicted the Pod: ${said}`,
    fix: "give the group a lower memory_mb or the nodes more room; the next start may go to another node",
    patienceMs: 0,
  },
  {
    code: "deadline-exceeded",
    is: ({ pod }) => pod.status.reason === "DeadlineExceeded",
    message: () => "The Pod ran for longer than the namespace lets a Pod run.",
    fix: "raise activeDeadlineSeconds where the cluster sets it; the next message starts another Pod",
    patienceMs: 0,
  },
  {
    code: "node-gone",
    is: ({ pod }) => ["NodeLost", "Shutdown", "NodeShutdown", "Terminated"].includes(pod.status.reason ?? ""),
    message: ({ said }) => `The Pod's node went away: ${said}`,
    fix: "the next message starts a Pod on another node",
    patienceMs: 0,
  },
  {
    code: "node-refused",
    is: ({ pod }) =>
      /^(OutOf|UnexpectedAdmissionError|Node(Affinity|Ports)|AppArmor|SysctlForbidden|TopologyAffinityError)/.test(
        pod.status.reason ?? "",
      ),
    message: ({ pod, said }) => `The node refused the Pod (${pod.status.reason ?? ""}): ${said}`,
    fix: "the next start may go to another node; lower the group's cpus or memory_mb if none has room",
    patienceMs: 0,
  },
  {
    code: "template-container",
    is: ({ failedFirst }) => failedFirst !== null && failedFirst !== "folder",
    message: ({ failedFirst, exitCode, said }) =>
      `The container ${failedFirst ?? "?"} ended with code ${exitCode ?? "?"} before the agent's: ${said}`,
    fix: "mend it in the template of Pods",
    patienceMs: 0,
  },
  {
    code: "out-of-memory",
    is: ({ ended }) => ended === "OOMKilled",
    message: () => "The Pod used more memory than its limit, and the kernel ended it.",
    fix: "raise the group's memory_mb: ncl groups config update GROUP --memory-mb N",
    patienceMs: 0,
  },
  {
    code: "program-missing",
    is: ({ ended, waiting }) =>
      ["StartError", "ContainerCannotRun"].includes(ended) || waiting === "RunContainerError",
    message: ({ said }) => `The image does not start: ${said}`,
    fix: "build the image with gatehouse on its PATH, and mkdir: docs/kubernetes.md",
    patienceMs: 0,
  },
  {
    code: "image-not-there",
    is: ({ waiting }) => waiting === "ErrImageNeverPull",
    message: ({ said }) => `The node does not have the image: ${said}`,
    fix: "load the image on every node, or give it a tag that may be pulled",
    patienceMs: soon,
  },
  {
    code: "image-name",
    is: ({ waiting }) => waiting === "InvalidImageName",
    message: ({ said }) => `The image's name is wrong: ${said}`,
    fix: "name another one for the host; a group's own with ncl groups config update GROUP --image-tag",
    patienceMs: 0,
  },
  {
    code: "image-pull",
    is: ({ waiting }) => ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"].includes(waiting),
    message: ({ said }) => `The node cannot pull the image: ${said}`,
    fix: "check its name, that the nodes reach the registry, and the pull secret of the namespace's default service account",
    patienceMs: later,
  },
  {
    code: "container-config",
    is: ({ waiting }) => ["CreateContainerConfigError", "CreateContainerError"].includes(waiting),
    message: ({ said }) => `The node cannot make the container: ${said}`,
    fix: "the message names what is missing; kubectl describe pod has the events",
    patienceMs: soon,
  },
  {
    code: "volume",
    is: ({ pod, said }) => isUnschedulable(pod) && /unbound immediate|persistentvolumeclaim "/i.test(said),
    message: ({ said }) => `The group's volume is not there: ${said}`,
    fix: "kubectl describe pvc -l gatehouse.group says why; the claim in the template of Pods may need a storageClassName",
    patienceMs: later,
  },
  {
    code: "volume-node",
    is: ({ pod, said }) => isUnschedulable(pod) && /pod affinity|volume node affinity/i.test(said),
    message: ({ said }) => `The node of the group's volume does not take the Pod: ${said}`,
    fix: "with ReadWriteOnce all Pods of a group are on one node: get it to answer, or make room there; if it is gone for good, gatehouse machines revoke NODE --force-takeover",
    patienceMs: later,
  },
  {
    code: "unschedulable",
    is: ({ pod }) => isUnschedulable(pod),
    message: ({ said }) => `No node takes the Pod: ${said}`,
    fix: "add a node, or lower the group's cpus and memory_mb",
    patienceMs: later,
  },
  {
    code: "folders",
    is: ({ failedFirst }) => failedFirst === "folder",
    message: ({ said }) => `The folders of the Pod could not be made: ${said}`,
    fix: "the group's volume, if it has one, must have room, and must let uid 1000 or the group of its fsGroup write",
    patienceMs: 0,
  },
  {
    code: "ended",
    is: ({ exitCode, pod }) => exitCode !== null && isOver(pod),
    message: ({ exitCode, said }) =>
      `The Pod's program ended with code ${exitCode ?? "?"}${said === "" ? "." : `: ${said}`}`,
    fix: "gatehouse in the image must be of the host's version, and the Pod must reach the host's address",
    patienceMs: 0,
  },
  {
    code: "ended",
    is: ({ pod }) => isOver(pod),
    message: ({ pod, said }) =>
      `The Pod has ended (${pod.status.reason ?? pod.status.phase ?? "?"}). ${said}`,
    fix: "kubectl describe pod has the events",
    patienceMs: 0,
  },
  {
    code: "not-connected",
    is: ({ pod }) => pod.status.phase === "Running",
    message: () => "The Pod runs, and its program has not reached the host.",
    fix: "the address that Pods dial must lead to the port on which the host listens for agents; a NetworkPolicy may forbid it",
    patienceMs: later,
  },
  {
    code: "starting",
    is: () => true,
    message: () => "The Pod has not started yet.",
    fix: "kubectl describe pod has the events",
    patienceMs: longest,
  },
];

const isUnschedulable = ({ status }: PodSeen): boolean =>
  status.conditions.some(
    ({ type, status: is, reason }) => type === "PodScheduled" && is === "False" && reason === "Unschedulable",
  );

/** Says why a Pod is not connected to its host, from what the API shows of it. */
export const podTrouble = (pod: PodSeen): PodTrouble => {
  const facts = factsOf(pod);
  const row = rows.find(({ is }) => is(facts)) ?? (rows.at(-1) as Row);
  const { code, fix, patienceMs } = row;
  return { code, fix, patienceMs, message: row.message(facts).trim() };
};

/** The Pod is not there any more, and nothing tells how it ended. */
export const podGone: PodTrouble = {
  code: "deleted",
  message: "The Pod was deleted in the cluster.",
  fix: "the next message starts another Pod",
  patienceMs: 0,
};

const factsOf = (pod: PodSeen): Facts => {
  const { status } = pod;
  // The agent needs no container that a template puts beside it.
  const states = [...status.initContainerStatuses, agentIn(pod)].map((container) => container?.state);
  const ended = states.find((state) => (state?.terminated?.exitCode ?? 0) !== 0)?.terminated;
  const last = agentIn(pod)?.state?.terminated;
  const waiting = states.find(
    (state) =>
      !["PodInitializing", "ContainerCreating"].includes(state?.waiting?.reason ?? "PodInitializing"),
  )?.waiting;
  const unscheduled = status.conditions.find(
    ({ type, status: is }) => type === "PodScheduled" && is === "False",
  );
  const said =
    status.message ?? ended?.message ?? waiting?.message ?? unscheduled?.message ?? last?.message ?? "";
  return {
    pod,
    waiting: waiting?.reason ?? "",
    ended: ended?.reason ?? "",
    failedFirst:
      status.initContainerStatuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)?.name ??
      null,
    exitCode: ended?.exitCode ?? last?.exitCode ?? null,
    said: said.replaceAll(/\s+/g, " ").trim().slice(-500),
  };
};
