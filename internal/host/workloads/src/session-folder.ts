import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

type DataFolder = { readonly dataDir: string };

/** This host's folder for the logs of sessions, and the files for agents of the host's account. */
export const sessionsFolder = ({ dataDir }: DataFolder): string => join(dataDir, "sessions");

/** The folder of a session on this host. */
export const sessionFolder = (of: DataFolder, groupId: string, sessionId: string): string =>
  join(sessionsFolder(of), groupId, sessionId);

/** The file in a session's folder with the output of its agents. */
export const logOfContainers = "runner.log";

/** A session, and the file with the output of its agents on this host. */
export type SessionLog = { readonly session: string; readonly file: string };

/**
 * Finds the files with the output of the agents of a session on this host, by its id, or of all sessions whose ids begin
 * with the text. An agent may have put a link there. An engine's container adds its output after its end. Throws the
 * system's error for a folder that cannot be read.
 */
export const findSessionLogs = async (of: DataFolder, text: string): Promise<readonly SessionLog[]> => {
  const found: SessionLog[] = [];
  for (const groupId of await namesIn(sessionsFolder(of)))
    for (const session of await namesIn(join(sessionsFolder(of), groupId))) {
      const folder = sessionFolder(of, groupId, session);
      if (isMeant(session, text) && (await namesIn(folder)).includes(logOfContainers))
        found.push({ session, file: join(folder, logOfContainers) });
    }
  const exact = found.filter(({ session }) => session === text);
  return exact.length > 0 ? exact : found;
};

/** The beginning of an id is enough, as for ncl. */
const isMeant = (session: string, text: string): boolean =>
  session === text || (/^se-./.test(text) && session.startsWith(text));

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error))) throw error;
    return [];
  }
};
