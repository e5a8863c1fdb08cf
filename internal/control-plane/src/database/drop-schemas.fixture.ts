// Runs before each test file on PostgreSQL: drops its schemas at its end.
import { afterAll } from "vitest";
import { dropSchemas } from "./postgres.fixture.ts";

afterAll(dropSchemas);
