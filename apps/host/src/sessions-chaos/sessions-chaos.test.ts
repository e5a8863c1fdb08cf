// @module-tag soak
import { test } from "vitest";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";

// 42 kills and 12 restarts in a full run, between here and sessions-chaos-on-postgresql.test.ts.
const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 250,
  strikes: { host: 8, runner: 20, restart: 8 },
});

test(what, options, () => run(null));
