// Runs before each test file of the host on PostgreSQL, and gives each test its own schema.
import { beforeEach } from "vitest";
import { takeNewSchema } from "./new-schema.fixture.ts";

beforeEach(({ onTestFinished }) => takeNewSchema(onTestFinished));
