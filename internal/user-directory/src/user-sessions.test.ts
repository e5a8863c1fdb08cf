import { describeUserSessions } from "./user-sessions.fixture.ts";
import { recordedSessions } from "./user-sessions.ts";

describeUserSessions("kept in memory", async () => recordedSessions());
