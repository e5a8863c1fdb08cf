import { shellWord } from "@gatehouse/std";
import type { Listed, ListedRuntime, RuntimeList } from "./list-runtimes.ts";

/** The current container of an active session, from its row in the database. */
export type NamedContainer = {
  readonly sessionId: string;
  readonly incarnation: number;
  readonly isRunning: boolean;
  /** The container's id in its runtime; null during its start. */
  readonly reference: string | null;
};

/** A container that no session owns. */
export type UnownedContainer = Listed & {
  readonly runtime: string;
  /** The host's next step, or a command that removes the container. */
  readonly fix: string;
};

/** The containers of a machine, compared with the rows of its database. */
export type JudgedContainers = {
  readonly unowned: readonly UnownedContainer[];
  /** The sessions whose row wrongly says that a container runs; null if a runtime does not answer. */
  readonly gone: readonly Pick<NamedContainer, "sessionId" | "incarnation">[] | null;
};

/** The rows just before and just after the containers were listed: a container may start in between. */
export type RowsAround = {
  readonly before: readonly NamedContainer[];
  readonly after: readonly NamedContainer[];
};

/** Compares containers with the rows that name them. Reports only contradictions to both readings of the rows. */
export const judgeContainers = (
  { inUse, runtimes }: Pick<RuntimeList, "inUse" | "runtimes">,
  { before, after }: RowsAround,
  { hasHost }: { readonly hasHost: boolean },
): JudgedContainers => {
  const named = new Set([...before, ...after].map(keyOf));
  const all = runtimes.flatMap((runtime) =>
    runtime.listed.ok ? runtime.listed.value.map((container) => ({ runtime, container })) : [],
  );
  const unowned = all
    .filter(({ container: { label } }) => label === null || !named.has(keyOf(label)))
    .map(({ runtime, container }) => ({
      ...container,
      runtime: runtime.name,
      fix: fixOf(runtime, container, hasHost),
    }));
  const isKnown = inUse !== null && runtimes.every(({ listed }) => listed.ok);
  const live = new Set(
    all.flatMap(({ container: { label, state } }) =>
      label === null || state === "ended" ? [] : [keyOf(label)],
    ),
  );
  const isStillRunning = new Set(after.filter(({ isRunning }) => isRunning).map(keyOf));
  const isGone = (row: NamedContainer): boolean => {
    const isStarted = row.reference !== null || !hasHost;
    return row.isRunning && isStarted && isStillRunning.has(keyOf(row)) && !live.has(keyOf(row));
  };
  const gone = before.filter(isGone).map(({ sessionId, incarnation }) => ({ sessionId, incarnation }));
  return { unowned, gone: isKnown ? gone : null };
};

const keyOf = ({ sessionId, incarnation }: Pick<NamedContainer, "sessionId" | "incarnation">): string =>
  `${incarnation} ${sessionId}`;

const fixOf = (
  runtime: Pick<ListedRuntime, "isInUse" | "name" | "socketPath">,
  container: Listed,
  hasHost: boolean,
): string => {
  if (container.isHeld === true)
    return `its session waits until its node says that it has ended, or for gatehouse machines revoke ${container.reference} --force-takeover`;
  if (container.state === "unknown")
    return "a host in another PID namespace started it: only a host there can end it";
  const byHand = commandOf(runtime, container);
  // A host removes containers only from its own runtime, and none with labels of another version.
  if (container.label === null || !runtime.isInUse) return byHand;
  return hasHost ? "the host ends it within two minutes" : `gatehouse up, or ${byHand}`;
};

const commandOf = (
  { kubernetes, name, socketPath }: Pick<ListedRuntime, "kubernetes" | "name" | "socketPath">,
  { reference, pid }: Listed,
): string => {
  if (kubernetes !== undefined) return `kubectl delete pod ${reference} -n ${kubernetes.namespace}`;
  if (socketPath === null) return `kill -- -${pid ?? 0}`;
  const address = shellWord(`unix://${socketPath}`);
  return `${clients[name] ?? name} ${address} rm --force ${reference.slice(0, 12)}`;
};

/** The command line of an engine, before its address. */
const clients: Readonly<Record<string, string>> = { docker: "docker -H", podman: "podman --url" };
