import { join } from "node:path";

/** The folder of a session's settings and attachments, also of one that another host holds. */
export const sessionFolder = (
  { sessionsDir }: { readonly sessionsDir: string },
  groupId: string,
  sessionId: string,
): string => join(sessionsDir, groupId, sessionId);
