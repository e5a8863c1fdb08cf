import { describe, expect, test } from "vitest";
import { reachOf } from "./take-over.ts";

describe("reachOf", () => {
  test.each([
    { settings: { network: "open" as const }, reach: ["the network of the machine"] },
    { settings: { network: "gateway" as const }, reach: [] },
    { settings: { network: null }, reach: [] },
    { settings: { image_tag: "agent:1", model: "opus" }, reach: ["the image agent:1"] },
  ])("names $reach for $settings", ({ settings, reach }) => expect(reachOf(settings)).toEqual(reach));
});
