import type { Kysely } from "kysely";
import type { Failure } from "@gatehouse/cli-kit";
import type { CentralTables } from "@gatehouse/central-database";
import type { Environment } from "@gatehouse/std";
import type { DialPlace } from "@gatehouse/wire";
import type { ImageNeeds, Place } from "@gatehouse/workloads";
import type { PlaceName } from "./facts.ts";
import type { Guest } from "./machine/machines.ts";
import type { RuntimeInUse } from "./runtime-in-use.ts";

export type RuntimeFlags = {
  /** `auto` (the default), or the name of a place. */
  readonly runtime?: string;
  /** The socket of the engine's API. Default: the engine's default sockets. */
  readonly engineSocket?: string;
  /** The least age of a group's npm packages, in days since their publication. Default: 3. */
  readonly npmAge?: number;
  /** The image of Pods whose group has none of its own. */
  readonly kubernetesImage?: string;
  /** The namespace of Pods. Default: that of the kubeconfig, else `default`. */
  readonly kubernetesNamespace?: string;
  /** The file with what the operator adds to each Pod. */
  readonly podTemplate?: string;
};

/** What is asked of the choice, and what the data folder keeps. */
export type Ask = {
  readonly flags: RuntimeFlags;
  readonly env: Environment;
  /** The version of gatehouse. */
  readonly version: string;
  readonly kept: RuntimeInUse | null;
  /** True if the operator names no place. */
  readonly isAuto: boolean;
  /** The OCI runtime that the environment names, such as `runsc`. */
  readonly ociRuntime: string | undefined;
};

/**
 * A look at a place: the place in which agents can start; or why none can, and the place in which they wait for that, if it is
 * the kept one.
 */
export type Looked =
  | { readonly ok: true; readonly value: ChosenPlace }
  | { readonly ok: false; readonly error: Failure; readonly waiting: ChosenPlace | null };

/** A place that a host can choose. */
export type PlaceRow = {
  /** The flags of `gatehouse up` that are about it. */
  readonly flags: readonly (keyof RuntimeFlags)[];
  readonly look: (ask: Ask) => Promise<Looked>;
};

/** The place in which a host runs its agents, before it is opened. */
export type ChosenPlace = Pick<Place, "problem"> & {
  readonly name: PlaceName;
  /** Sentences for the operator, of which the first names the choice. */
  readonly notes: readonly string[];
  /** The choice to keep. */
  readonly inUse: RuntimeInUse;
  /** The version of gatehouse that built the agents' image; null without such an image. */
  readonly imageVersion: string | null;
  /** Starts something there as an agent is started, and waits for its end. Call it where `problem` finds none. */
  readonly tryStart: () => Promise<TriedStart>;
  readonly open: (host: PlaceHost) => Promise<OpenPlace>;
};

/** What a try says. */
export type TriedStart = {
  readonly ok: boolean;
  /** Sentences. */
  readonly said: string;
  readonly fix?: string;
  /** True if it reached more than an agent may. */
  readonly isUnlimited?: boolean;
};

/** What a place needs of its host, or of the program of a machine that dials in. */
export type PlaceHost = {
  readonly dataDir: string;
  /** The name of this installation, in the labels of its containers. */
  readonly install: string;
  /** The programs of gatehouse: `[process.execPath, "/…/agent-runner.cjs"]`. */
  readonly programs: {
    readonly runner: readonly [string, string];
    readonly ncl: readonly [string, string];
  };
  /** The folder of the CLIs that agents find first on their PATH. Default: none. */
  readonly clis?: string;
  /** The sockets that agents connect to. */
  readonly sockets: { readonly wire: string; readonly gateway: string };
  /** The address that this machine's agents dial instead of the sockets; null for the sockets. */
  readonly dial: DialPlace | null;
  /** True if a group's folder may be on another machine, so that a missing one is made. */
  readonly makesGroups: boolean;
  /** Returns the packages that groups and their running agents need; null if that is not known. */
  readonly needed: () => Promise<readonly ImageNeeds[] | null>;
  /** Called with what is in the way of a group's instructions: sentences. */
  readonly inTheWay?: (groupId: string, notes: readonly string[]) => Promise<void>;
  /** What a place on other machines needs; missing where none can be reached. */
  readonly remote?: RemoteHost;
  /** Logs an event: a word, and plain fields. */
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
  /** Called with bugs, and with failures of background work. */
  readonly report: (error: unknown) => void;
};

type RemoteHost = {
  readonly db: Kysely<CentralTables>;
  /** The name of this host. */
  readonly owner: string;
  /** True if other hosts may use the same database. */
  readonly isShared: boolean;
  /** How agents find this host: `tls://HOST:PORT`, and the pin of its certificate. */
  readonly door: DialPlace;
};

/** A place that a host has opened. */
export type OpenPlace = Place & {
  /** Call it before agents can connect to this host: it makes what they need, and ends those that another place left here. */
  readonly begin: () => Promise<void>;
  /** Call it when the sockets listen. */
  readonly listening: () => void;
  /** Returns what a token was given to; null if it is a machine's. */
  readonly guestOf: (token: string) => Guest | null;
  /** Gives up all starts: the host stops. */
  readonly endStarting: () => void;
};
