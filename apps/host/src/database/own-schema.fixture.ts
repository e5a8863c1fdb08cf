// Runs before each test file of the host on PostgreSQL: each test has its central database in a schema of its
// own, which the programs that it starts find in GATEHOUSE_DATABASE.
import process from "node:process";
import { beforeEach } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";

beforeEach(async ({ onTestFinished }) => {
  const schema = await newAddress();
  process.env["GATEHOUSE_DATABASE"] = schema?.address.url ?? "";
  // The first to be registered is the last to run: after the hosts of the test have ended.
  onTestFinished(async () => schema?.drop());
});
