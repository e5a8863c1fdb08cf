// @module-tag soak
import { hostKillsTest } from "./commands.fixture.ts";

hostKillsTest("a file", 50);
