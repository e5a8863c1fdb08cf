import type { ProcessRecord } from "@gatehouse/processes/records";
import type { ContainerLabel } from "../../workload-spec.ts";

/** What the record of a container's process says beside its label. */
export type LabelAndLog = {
  readonly label: ContainerLabel;
  readonly logFile: string;
  readonly logFrom: number;
  /** The folder of the files that it was handed in. */
  readonly folder: string;
};

export const recordedLabel = ({ label, logFile, logFrom, folder }: LabelAndLog): ProcessRecord["label"] => {
  const { install, sessionId, groupId, incarnation } = label;
  return { install, sessionId, groupId, incarnation, logFile, logFrom, folder };
};

/** The container that a record is of; null if it is of something else. */
export const recordedIn = ({ label, token }: ProcessRecord): LabelAndLog | null => {
  const { install, sessionId, groupId, incarnation, logFile, logFrom, folder = "" } = label;
  if (typeof install !== "string" || typeof sessionId !== "string" || typeof groupId !== "string")
    return null;
  if (typeof incarnation !== "number" || typeof logFile !== "string" || typeof logFrom !== "number")
    return null;
  if (typeof folder !== "string") return null;
  return { label: { install, sessionId, groupId, incarnation, token }, logFile, logFrom, folder };
};
