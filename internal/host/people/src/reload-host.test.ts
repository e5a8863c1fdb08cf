import { expect, test } from "vitest";
import { restartCommand } from "./reload-host.ts";

test("restartCommand uses launchctl on macOS and systemctl on Linux", () => {
  expect(restartCommand("darwin", "com.example.host")).toEqual([
    "launchctl",
    "kickstart",
    "-k",
    "system/com.example.host",
  ]);
  expect(restartCommand("linux", "gatehouse@ana.service")).toEqual([
    "systemctl",
    "restart",
    "gatehouse@ana.service",
  ]);
});
