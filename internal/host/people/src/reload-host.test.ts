import { expect, test } from "vitest";
import { isServiceLabel, restartCommand } from "./reload-host.ts";

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

test.each([
  { label: "gatehouse", is: true },
  { label: "com.example.host-2", is: true },
  { label: "gatehouse@ana.service", is: true },
  { label: "", is: false },
  { label: "-f", is: false },
  { label: "a b", is: false },
  { label: "a/b", is: false },
  { label: "a;b", is: false },
])('isServiceLabel("$label") is $is', ({ label, is }) => expect(isServiceLabel(label)).toBe(is));
