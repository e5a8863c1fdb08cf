import type { PlaceCannot, PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { Isolation } from "@nc/container-config";

/** What is known of a place by its name, without a look at it. */
export type PlaceFacts = {
  readonly isolation: Isolation;
  /** Where it is reached: at the socket of an engine, in a cluster, or as programs of this machine. */
  readonly at: "socket" | "cluster" | "machine";
  /** How `gatehouse status` names it; missing for an engine, which it names by its socket. */
  readonly shown?: string;
  /** What an agent of a person's own account needs: sudo and the person's home, a host that is root, or nothing. */
  readonly accounts: "home" | "root" | "none";
  /** What it lacks besides the abilities of its runtime. */
  readonly cannot: PlaceCannot;
};

const inContainers = "gatehouse up --runtime podman (or docker)";

const noPackages = `This host runs agents as processes, and installs no packages for a group. The operator installs programs on the machine, or runs the agents in sandboxes (npm packages alone: gatehouse up --runtime sandbox) or in containers: ${inContainers}.`;

const noDebian = `This host runs agents in sandboxes with the machine's programs, and installs no Debian packages for a group. The operator installs them on the machine, where every sandbox sees them (apt-get install NAME), or runs the agents in containers: ${inContainers}. The group's npm packages can be installed alone.`;

const notInPods =
  "This host runs agents in Pods, and builds no images in the cluster, so it installs no packages. The operator does: ncl groups config add-package GROUP, then gatehouse image render --group GROUP, then build and push that image, then ncl groups config update GROUP --image-tag NAME and ncl groups restart GROUP.";

const notOnMachine = "The packages of a group are not on another machine: its operator installs them there.";

export type PlaceName = "docker" | "podman" | "sandbox" | "process" | "kubernetes";

const engine: PlaceFacts = { isolation: "container", at: "socket", accounts: "root", cannot: {} };

/** The places of a host, by the names of `--runtime`. */
export const placeFacts: Readonly<Record<PlaceName, PlaceFacts>> = {
  process: {
    isolation: "process",
    at: "machine",
    shown: "processes",
    accounts: "home",
    cannot: { aptPackages: noPackages, npmPackages: noPackages },
  },
  sandbox: {
    isolation: "sandbox",
    at: "machine",
    shown: "sandboxes",
    accounts: "root",
    cannot: { aptPackages: noDebian },
  },
  docker: engine,
  podman: engine,
  kubernetes: {
    isolation: "container",
    at: "cluster",
    accounts: "none",
    cannot: {
      aptPackages: notInPods,
      npmPackages: notInPods,
      network: "The cluster's NetworkPolicies say what a Pod reaches: docs/kubernetes.md.",
      pids: "The kubelet limits the processes of a Pod: podPidsLimit.",
      mounts: "The folders of the host are not in a Pod.",
    },
  },
};

/** A machine that dials in, for a configuration: what it gives an agent at least, whatever it says of itself. */
export const machineSeen: PlaceSeen = {
  name: "machine",
  isolation: "process",
  cannot: {
    image: "A machine runs its own programs.",
    cpus: "A machine gives an agent no share of its processors.",
    memoryMb: "A machine gives an agent no share of its memory.",
    aptPackages: notOnMachine,
    npmPackages: notOnMachine,
    mounts: "The folders of the host are not on another machine.",
  },
};

/** The facts of a place by a name that was kept, or typed; null if there is none of this name. */
export const factsOf = (name: string): PlaceFacts | null =>
  Object.hasOwn(placeFacts, name) ? placeFacts[name as PlaceName] : null;
