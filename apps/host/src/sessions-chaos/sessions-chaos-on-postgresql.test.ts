// @module-tag soak
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { newAddress } from "@gatehouse/central-database/testing";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";

// This test has its own file: each takes a minute or more, and a worker runs the tests of a file one after the
// other.
const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 30,
  strikes: { host: 2, runner: 6, restart: 3 },
});
const noServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined;
test.skipIf(noServer)(
  `on PostgreSQL (skipped without GATEHOUSE_TEST_POSTGRES): ${what}`,
  options,
  async () => {
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    await run(schema.address);
  },
);
