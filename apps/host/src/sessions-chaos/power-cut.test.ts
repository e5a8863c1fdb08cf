// @module-tag soak
import { test } from "vitest";
import { noDisk } from "./disk.fixture.ts";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";

const [messages, power] = [100, 6];
const { what, options, run } = sessionsChaos({
  groups: 2,
  people: 3,
  messages,
  strikes: { host: 0, runner: 0, restart: 2, power },
});

test.skipIf(noDisk !== null)(`${what} (${noDisk ?? "a disk of our own"})`, options, () => run(null));
