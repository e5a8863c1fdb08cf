// Runs before each test file of the host on PostgreSQL: each test has its central database in a schema of its
// own, which the programs that it starts find in GATEHOUSE_DATABASE.
import process from "node:process";
import { afterEach, beforeEach } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";

let drop: (() => Promise<void>) | undefined;

beforeEach(async () => {
  const schema = await newAddress();
  process.env["GATEHOUSE_DATABASE"] = schema?.address.url ?? "";
  drop = schema?.drop;
});

afterEach(() => drop?.());
