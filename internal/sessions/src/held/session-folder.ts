import { join } from "node:path";

type DataFolder = { readonly dataDir: string };

/** What this host keeps of sessions: their logs, and the files that are handed to agents of its own account. */
export const sessionsFolder = ({ dataDir }: DataFolder): string => join(dataDir, "sessions");

/** The folder of a session on this host. */
export const sessionFolder = (of: DataFolder, groupId: string, sessionId: string): string =>
  join(sessionsFolder(of), groupId, sessionId);
