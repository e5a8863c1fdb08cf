import { lstat, readdir } from "node:fs/promises";
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

/**
 * Finds the file with the output of a session's agents on this host, or null. Its agent may have put a link there. An
 * engine's container adds its output after its end. Throws the system's error for a folder that cannot be read.
 */
export const findSessionLog = async (of: DataFolder, sessionId: string): Promise<string | null> => {
  if (!/^[\w-]+$/.test(sessionId)) return null;
  for (const groupId of await namesIn(sessionsFolder(of))) {
    const file = join(sessionFolder(of, groupId, sessionId), logOfContainers);
    if (await exists(file)) return file;
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

const exists = async (file: string): Promise<boolean> => {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCode(error))) throw error;
    return false;
  }
};
