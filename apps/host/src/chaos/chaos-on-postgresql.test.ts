// @module-tag soak
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { newAddress } from "@gatehouse/central-database/testing";
import { killTest } from "./kill-all.fixture.ts";

// 50 kills of the host. server-chaos.test.ts has 50 kills of the server.
const { what, options, run } = killTest(30);
const noServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined;
test.skipIf(noServer)(`on PostgreSQL (skipped without GATEHOUSE_TEST_POSTGRES): ${what}`, options, () =>
  run(async () => {
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    return schema.address;
  }),
);
