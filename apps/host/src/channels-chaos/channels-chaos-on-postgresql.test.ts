// @module-tag soak
import process from "node:process";
import { newAddress } from "@gatehouse/central-database/testing";
import { expect, onTestFinished, test } from "vitest";
import { channelsChaos } from "./channels-chaos.fixture.ts";

const { what, options, run } = channelsChaos({ chats: 6, messages: 600, kills: 20, hosts: 2 });
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
