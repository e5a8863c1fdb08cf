import { expect, test } from "vitest";
import { exactTimeOf } from "./parts.ts";

test("a log has its times to the second", () =>
  expect(exactTimeOf("2026-11-29T15:55:55.782Z")).toBe("2026-11-29 15:55:55 UTC"));
