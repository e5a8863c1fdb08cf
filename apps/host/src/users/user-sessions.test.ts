import { describeUserSessions } from "./user-sessions.bed.ts";
import { recordedSessions } from "./user-sessions.ts";

describeUserSessions("kept in memory", async () => recordedSessions());
