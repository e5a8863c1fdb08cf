// @module-tag soak
import { test } from "vitest";
import { killTest } from "./kill-all.fixture.ts";

const { what, options, run } = killTest(200);

// On PostgreSQL in a file of its own: each takes minutes, and a worker runs a file's tests one after the other.
test(what, options, () => run(async () => null));
