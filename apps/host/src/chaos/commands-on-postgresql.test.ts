// @module-tag soak
import { hostKillsTest } from "./commands.fixture.ts";

// server-kills.test.ts kills the server.
hostKillsTest("PostgreSQL", 30);
