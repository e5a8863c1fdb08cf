// Runs before each test file of the host on PostgreSQL: each test's central database is a schema of its own.
import { beforeEach } from "vitest";
import { takeNewSchema } from "./new-schema.fixture.ts";

beforeEach(({ onTestFinished }) => takeNewSchema(onTestFinished));
