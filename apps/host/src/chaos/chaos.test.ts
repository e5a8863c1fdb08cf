// @module-tag soak
import { test } from "vitest";
import { killTest } from "./kill-all.fixture.ts";

const { what, options, run } = killTest(50);

// The same test on PostgreSQL has its own file, because each takes minutes and the tests of a file run one after the
// other.
test(what, options, () => run(async () => null));
