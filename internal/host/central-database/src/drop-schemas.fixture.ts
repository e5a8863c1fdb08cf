// Set-up file of each test file on PostgreSQL: drops the file's schemas at its end.
import { afterAll } from "vitest";
import { dropSchemas } from "./postgres.fixture.ts";

afterAll(dropSchemas);
