import process from "node:process";
import { foreignReader } from "@gatehouse/sqlite";
import { afterAll, beforeAll, describe, inject, test } from "vitest";
import type { ForeignReader } from "@gatehouse/sqlite";
import { transportContract } from "../testing/transport-contract.ts";
import { session } from "./session.fixture.ts";

let reader: ForeignReader;
beforeAll(() => {
  reader = foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });
});
afterAll(() => reader.close());

describe("two SQLite files keep the contract of transports", () => {
  for (const { title, check } of transportContract)
    test(title, async () => {
      const { host, agent } = session();
      await check({ host: (token) => host({ token, reader }), agent: () => agent() });
    });
});
