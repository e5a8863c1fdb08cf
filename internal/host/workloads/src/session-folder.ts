import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

type DataFolder = { readonly dataDir: string };

/** This host's folder for sessions: their logs, and the files for agents of its own account. */
export const sessionsFolder = ({ dataDir }: DataFolder): string => join(dataDir, "sessions");

/** The folder of a session on this host. */
export const sessionFolder = (of: DataFolder, groupId: string, sessionId: string): string =>
  join(sessionsFolder(of), groupId, sessionId);

/** The file of a session's folder with what its agents print. */
export const logOfContainers = "runner.log";

/**
 * The file with what the agents of a session have printed on this host; null if there is none. An engine's container
 * adds its output when it has ended. Throws the system's error for a folder that cannot be read.
 */
export const findSessionLog = async (of: DataFolder, sessionId: string): Promise<string | null> => {
  if (!/^[\w-]+$/.test(sessionId)) return null;
  for (const groupId of await namesIn(sessionsFolder(of))) {
    const file = join(sessionFolder(of, groupId, sessionId), logOfContainers);
    if (await isThere(file)) return file;
  }
  return null;
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return [];
  }
};

const isThere = async (file: string): Promise<boolean> => {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error))) throw error;
    return false;
  }
};
