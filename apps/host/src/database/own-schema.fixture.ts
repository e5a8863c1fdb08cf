// Runs before each test file of the host on PostgreSQL: each test has its central database in a schema of its own.
import { beforeEach } from "vitest";
import { takeNewSchema } from "./new-schema.fixture.ts";

beforeEach(({ onTestFinished }) => takeNewSchema(onTestFinished));
