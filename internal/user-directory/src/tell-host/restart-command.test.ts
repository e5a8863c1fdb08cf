import { expect, test } from "vitest";
import { isServiceLabel, restartCommand } from "./restart-command.ts";

test("a host is started anew by what its system has for that", () => {
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
])("$label is a label or unit: $is", ({ label, is }) => expect(isServiceLabel(label)).toBe(is));
