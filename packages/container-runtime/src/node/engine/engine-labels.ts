import type { ContainerLabel } from "../../workload-spec.ts";
import type { AccountIds } from "../process/account.ts";

/** The facts that a host needs to adopt a container. They are stored in the container's labels. */
export type EngineRecord = {
  readonly label: ContainerLabel;
  /** The folder whose files can be replaced while the container runs; see `placed-files.ts`. */
  readonly placed: string;
  readonly logFile: string;
  readonly user: AccountIds;
};

/** The label by which an installation's containers are found. */
export const installLabel = "gatehouse.install";

/** The labels of a container, by name, as Docker's API expects them. */
export const labelsOf = ({
  label,
  placed,
  logFile,
  user,
}: EngineRecord): Readonly<Record<string, string>> => ({
  [installLabel]: label.install,
  "gatehouse.session": label.sessionId,
  "gatehouse.group": label.groupId,
  "gatehouse.incarnation": String(label.incarnation),
  "gatehouse.token": String(label.token),
  "gatehouse.placed": placed,
  "gatehouse.log": logFile,
  "gatehouse.user": `${user.uid}:${user.gid}`,
});

/** Null for labels of another program, or of another version of this one. */
export const recordIn = (labels: Readonly<Record<string, string>>): EngineRecord | null => {
  const [install, sessionId, groupId] = [installLabel, "gatehouse.session", "gatehouse.group"].map(
    (name) => labels[name],
  );
  const [incarnation, token] = ["gatehouse.incarnation", "gatehouse.token"].map((name) =>
    numberIn(labels[name]),
  );
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(labels["gatehouse.user"] ?? "") ?? [];
  const [placed, logFile] = [labels["gatehouse.placed"], labels["gatehouse.log"]];
  if (install === undefined || sessionId === undefined || groupId === undefined) return null;
  if (incarnation === undefined || token === undefined) return null;
  if (placed === undefined || logFile === undefined || uid === undefined) return null;
  const user = { uid: Number(uid), gid: Number(gid) };
  return { label: { install, sessionId, groupId, incarnation, token }, placed, logFile, user };
};

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
