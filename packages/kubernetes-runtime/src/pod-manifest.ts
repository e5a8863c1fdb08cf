import { isOfOneNode, onTemplate, ownVolumes, type ClaimTemplate, type PodTemplate } from "./pod-template.ts";

/** The workload of a Pod. */
export type PodPlan = {
  /** Unique for each start: `podName`. */
  readonly name: string;
  /** The installation, by which its hosts find their Pods. */
  readonly install: string;
  /** The host that makes it: a label's value, at most 63 letters, digits, `-`, `_` and `.`. */
  readonly host: string;
  readonly sessionId: string;
  readonly groupId: string;
  /** The name of the group's folder. */
  readonly groupFolder: string;
  readonly incarnation: number;
  /** The fencing token of the lease under which it is started. */
  readonly token: number;
  /** What NetworkPolicies may select Pods by. */
  readonly network: "none" | "gateway" | "open";
  readonly image: string;
  /** What the operator adds to each Pod. A field that both say is as the rest of the plan says. */
  readonly template?: PodTemplate;
  /** Default: the program that dials its host, and runs what that says. */
  readonly command?: readonly string[];
  /** Processors; null for no limit but the namespace's. */
  readonly cpus: number | null;
  /** MiB; null for no limit but the namespace's. */
  readonly memoryMb: number | null;
  /** The time to end after a SIGTERM, s. */
  readonly graceSeconds: number;
};

/** A plan with the name of its group's volume. */
export type NamedPlan = PodPlan & { readonly volumeName: string };

/** The label of an installation's Pods. */
export const installLabel = "gatehouse.install";

/** The label with the host that made a Pod. */
export const hostLabel = "gatehouse.host";

/** The label with the session of a Pod. */
export const sessionLabel = "gatehouse.session";
const groupLabel = "gatehouse.group";

/** The account in a Pod. Its number needs no entry in the image. */
const account = 1000;

/** The folder of the program in a Pod. */
const folder = "/gatehouse";

const [volume, groupVolume, secretVolume] = ownVolumes;

/** The name of the file in `folder` that tells the program its host. */
const hostFile = "machine.json";

/**
 * Names the Pod of one start: the session's first letters for a person's eye, and `random`, lower-case letters and digits,
 * so that no name is used twice.
 */
export const podName = (sessionId: string, incarnation: number, random: string): string => {
  const short = sessionId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, 10);
  return `gh-${short}-${incarnation}-${random}`;
};

/**
 * Makes the Pod: one program, once. It fits the restricted Pod security standard, and has no token for the cluster's API. The
 * program's folder is an empty one, which belongs to the Pod's account and to no other.
 */
export const podManifest = (plan: NamedPlan): object =>
  onTemplate(plan.template?.pod ?? {}, ownPod(plan, keptFolders(plan)));

const ownPod = (plan: NamedPlan, kept: readonly KeptFolder[]): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: plan.name, labels: labelsOf(plan) },
  spec: {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    enableServiceLinks: false,
    // Without this, the agent's program is process 1 of its container, and ended orphans stay there as zombies.
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: plan.graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: account,
      runAsGroup: account,
      seccompProfile: walls.seccompProfile,
      ...(kept.length === 0 ? {} : { fsGroup: account, fsGroupChangePolicy: "OnRootMismatch" }),
    },
    ...(isOfOneNode(plan.template?.claim) ? { affinity: besideGroup(plan) } : {}),
    initContainers: [
      {
        name: "folder",
        image: plan.image,
        securityContext: walls,
        args: [],
        terminationMessagePolicy: "FallbackToLogsOnError",
        // Every account may write to the volume itself, and the program refuses such a folder.
        command: [
          ...["mkdir", "-p", "-m", "711", "/volume/agent", "/volume/tmp"],
          // The kubelet would make the places of the mounts as root.
          ...kept.flatMap(({ path, subPath }) => [
            ...pathsTo(path).map((one) => `/volume/agent/${one}`),
            ...pathsTo(subPath).map((one) => `/kept/${one}`),
          ]),
        ],
        volumeMounts: [
          { name: volume, mountPath: "/volume" },
          ...(kept.length === 0 ? [] : [{ name: groupVolume, mountPath: "/kept" }]),
        ],
      },
    ],
    containers: [
      {
        name: "agent",
        image: plan.image,
        securityContext: walls,
        args: [],
        command: plan.command ?? ["gatehouse", "machine", "run", "--runtime", "process", "--data", folder],
        workingDir: folder,
        env: [{ name: "HOME", value: folder }],
        resources: { limits: limitsOf(plan) },
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [
          { name: volume, mountPath: folder, subPath: "agent" },
          ...kept.map(({ path, subPath }) => ({
            name: groupVolume,
            mountPath: `${folder}/${path}`,
            subPath,
          })),
          {
            name: secretVolume,
            mountPath: `${folder}/${hostFile}`,
            subPath: hostFile,
            readOnly: true,
          },
          { name: volume, mountPath: "/tmp", subPath: "tmp" },
        ],
      },
    ],
    volumes: [
      { name: volume, emptyDir: {} },
      ...(kept.length === 0
        ? []
        : [{ name: groupVolume, persistentVolumeClaim: { claimName: plan.volumeName } }]),
      { name: secretVolume, secret: { secretName: plan.name, defaultMode: 0o444 } },
    ],
  },
});

/** A folder in the Pod's own, and its place on the group's volume. */
type KeptFolder = { readonly path: string; readonly subPath: string };

/**
 * The folders of a Pod that its group's volume keeps: of the group, and of the session. Other sessions' folders are not in the
 * Pod.
 */
const keptFolders = ({ template, groupFolder, groupId, sessionId }: PodPlan): readonly KeptFolder[] =>
  template?.claim == null
    ? []
    : [
        { path: `groups/${groupFolder}`, subPath: "group" },
        { path: `sessions/${groupId}/${sessionId}`, subPath: `sessions/${sessionId}` },
      ];

/** `a/b` -> `a`, `a/b`. */
const pathsTo = (path: string): readonly string[] =>
  path.split("/").map((_, at, names) => names.slice(0, at + 1).join("/"));

/** Where a volume is on one node at a time, all Pods of its group have to be there. */
const besideGroup = (plan: NamedPlan): object => ({
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchLabels: { [installLabel]: plan.install, [groupLabel]: groupIn(plan) } },
        topologyKey: "kubernetes.io/hostname",
      },
    ],
  },
});

/** The group's id as a label; the name of its volume if no label may have it, as of a group that was imported. */
const groupIn = ({ groupId, volumeName }: Pick<NamedPlan, "groupId" | "volumeName">): string =>
  /^[A-Za-z\d](?:[\w.-]{0,61}[A-Za-z\d])?$/.test(groupId) ? groupId : volumeName;

/** Makes the claim of a group's volume from the operator's. It outlives all Pods of the group, and its host. */
export const claimManifest = (
  claim: ClaimTemplate,
  of: Pick<NamedPlan, "groupId" | "install" | "volumeName">,
): object =>
  onTemplate(claim, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: of.volumeName,
      labels: { [installLabel]: of.install, [groupLabel]: groupIn(of) },
    },
  });

/** Makes the Secret with what a Pod's program has to know of its host. It belongs to the Pod, and is deleted with it. */
export const secretManifest = (plan: NamedPlan, podUid: string, host: object): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: plan.name,
    labels: labelsOf(plan),
    ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: plan.name, uid: podUid }],
  },
  immutable: true,
  stringData: { [hostFile]: JSON.stringify(host) },
});

/**
 * The walls of a container, with each field of them said, because a template fills those that are left out. What AppArmor,
 * SELinux and Windows do is the template's to say.
 */
const walls = {
  runAsNonRoot: true,
  runAsUser: account,
  runAsGroup: account,
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"], add: [] },
  procMount: "Default",
  seccompProfile: { type: "RuntimeDefault" },
};

/** The labels of a workload's Pod, as the engines' containers have them. */
export const labelsOf = (plan: NamedPlan): Readonly<Record<string, string>> => ({
  [installLabel]: plan.install,
  [hostLabel]: plan.host,
  [sessionLabel]: plan.sessionId,
  [groupLabel]: groupIn(plan),
  "gatehouse.incarnation": String(plan.incarnation),
  "gatehouse.token": String(plan.token),
  "gatehouse.network": plan.network,
});

/** Who a Pod's agent is, from its labels; null for those of another version. */
export const labelIn = (
  labels: Readonly<Record<string, string>>,
): Pick<PodPlan, "groupId" | "incarnation" | "install" | "sessionId" | "token"> | null => {
  const [install, sessionId, groupId] = [installLabel, sessionLabel, groupLabel].map((name) => labels[name]);
  const [incarnation = NaN, token = NaN] = ["gatehouse.incarnation", "gatehouse.token"].map((name) =>
    Number(labels[name]),
  );
  if (install === undefined || sessionId === undefined || groupId === undefined) return null;
  return Number.isInteger(incarnation) && Number.isInteger(token)
    ? { install, sessionId, groupId, incarnation, token }
    : null;
};

const limitsOf = ({ cpus, memoryMb }: PodPlan): Readonly<Record<string, string>> => ({
  ...(cpus === null ? {} : { cpu: `${Math.max(1, Math.round(cpus * 1000))}m` }),
  ...(memoryMb === null ? {} : { memory: `${memoryMb}Mi` }),
});
