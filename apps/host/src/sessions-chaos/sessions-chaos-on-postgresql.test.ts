// @module-tag soak
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";
import { sessionsChaos } from "./sessions-chaos.fixture.ts";

// In a file of its own: each takes a minute or more, and a worker runs a file's tests one after the other.
const { what, options, run } = sessionsChaos({
  groups: 4,
  people: 5,
  messages: 50,
  strikes: { host: 4, runner: 10, restart: 4 },
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
