// @module-tag soak
import { test } from "vitest";
import { killTest } from "./kill-all.fixture.ts";

const { what, options, run } = killTest(50);

// The same test on PostgreSQL has its own file: each takes minutes, and a worker runs the tests of a file one
// after the other.
test(what, options, () => run(async () => null));
