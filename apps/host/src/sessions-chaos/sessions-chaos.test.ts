// @module-tag soak
import { test } from "vitest";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";

// A full run has 25 kills and 8 restarts, here and in sessions-chaos-on-postgresql.test.ts together.
const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 150,
  strikes: { host: 5, runner: 12, restart: 5 },
});

test(what, options, () => run(null));
