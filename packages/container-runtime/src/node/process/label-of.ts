import type { ProcessRecord } from "@gatehouse/processes/records";
import type { ContainerLabel } from "../../workload-spec.ts";

/** The label of a container, and the other values in its process record. */
export type LabelAndLog = {
  readonly label: ContainerLabel;
  readonly logFile: string;
  readonly logFrom: number;
  /** The folder of its files. */
  readonly folder: string;
};

export const recordedLabel = ({ label, logFile, logFrom, folder }: LabelAndLog): ProcessRecord["label"] => {
  const { install, sessionId, groupId, incarnation } = label;
  return { install, sessionId, groupId, incarnation, logFile, logFrom, folder };
};

/** Reads the container's values from a record; null if the record is not a container's. */
export const recordedIn = ({ label, token }: ProcessRecord): LabelAndLog | null => {
  const { install, sessionId, groupId, incarnation, logFile, logFrom, folder } = label;
  if (typeof install !== "string" || typeof sessionId !== "string" || typeof groupId !== "string")
    return null;
  if (typeof incarnation !== "number" || typeof logFile !== "string" || typeof logFrom !== "number")
    return null;
  if (typeof folder !== "string") return null;
  return { label: { install, sessionId, groupId, incarnation, token }, logFile, logFrom, folder };
};
