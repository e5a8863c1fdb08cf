// @module-tag soak
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";
import { killTest } from "./kill-all.fixture.ts";

// The host here, and the server in server-chaos.test.ts: 200 points between them.
const { what, options, run } = killTest(100);
const noServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined;
test.skipIf(noServer)(`on PostgreSQL (skipped without GATEHOUSE_TEST_POSTGRES): ${what}`, options, () =>
  run(async () => {
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    return schema.address;
  }),
);
