import { describe, expect, test } from "vitest";
import { wireAddressOf } from "./wire-address.ts";

describe("a wire address", () => {
  test.each([
    ["unix:/data/runners.sock", { type: "unix", path: "/data/runners.sock" }],
    ["tls://host.example:4430", { type: "tls", host: "host.example", port: 4430 }],
    ["tls://10.0.0.1:1", { type: "tls", host: "10.0.0.1", port: 1 }],
    ["tls://[::1]:65535", { type: "tls", host: "::1", port: 65_535 }],
  ])("%s is read", (text, address) => {
    expect(wireAddressOf(text)).toEqual(address);
  });

  test.each([
    ["/data/runners.sock", "unix:relative.sock", "tcp://host:1", "ws://host:1", "tls://host", "tls://host:0"],
    ["tls://host:65536", "tls://:1", "tls://host:1/path", "tls://a@host:1", "tls://host:1 ", ""],
  ])("is null for any other text", (...texts) => {
    for (const text of texts) expect(wireAddressOf(text)).toBeNull();
  });
});
