import { processTable } from "@gatehouse/processes";

/** The processes that work in a folder or below it; none if the system does not report it. */
export const workingIn = (folder: string): readonly number[] =>
  processTable.working().flatMap((one) => (isBelow(one.folder, folder) ? [one.pid] : []));

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
