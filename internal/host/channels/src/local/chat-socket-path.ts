import { join } from "node:path";

/** The socket on which a data folder's host listens for chats. */
export const chatSocketIn = (dataDir: string): string => join(dataDir, "chat.sock");
