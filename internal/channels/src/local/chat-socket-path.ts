import { join } from "node:path";

/** Where a data folder's host listens for chats. */
export const chatSocketIn = (dataDir: string): string => join(dataDir, "chat.sock");
